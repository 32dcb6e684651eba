/** Moving to another place with something open in it. */
import type { PolicyName } from "@dropscope/model";
import { policyItem } from "./policy-name.js";
import { formatView, START } from "../state/view.js";
import type { View } from "../state/view.js";
import { go, view } from "../state/nav.js";

type Target = Pick<View, "place" | "item">;

export function problemTarget(id: string): Target {
  return { place: "problems", item: id };
}

export function policyTarget(policy: PolicyName): Target {
  return { place: "policies", item: policyItem(policy) };
}

/** The address of a target, for links that can be opened in a tab of their own. */
export function hrefOf(target: Partial<View>): string {
  const { range, filter } = view.value;
  return (
    formatView({
      range,
      filter,
      place: "problems",
      flow: "",
      hidden: [],
      code: "",
      item: "",
      show: [],
      against: START.against,
      ...target,
    }) || "./"
  );
}

export function follow(event: MouseEvent, target: Partial<View>): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ item: "", flow: "", ...target });
}
