import { isCiliumPolicy } from "../../context/cilium-policies.js";
import type { LintContext } from "../../context/context.js";
import { record, text } from "../../context/raw.js";
import type { Draft } from "../../rule.js";

/** What Cilium's configuration says under a key; empty when it is not in the input or does not name it. */
export function settingText(context: LintContext, key: string): string {
  return text(record(configOf(context)?.value["data"])[key]);
}

/** Where a setting of Cilium is written; the first Cilium policy when its configuration is not in the input. */
export function settingPlace(
  context: LintContext,
  key: string,
): Pick<Draft, "on" | "path"> | undefined {
  const config = configOf(context);
  if (config) return { on: config, path: ["data", key] };
  const policy = context.objects.all.find(isCiliumPolicy);
  return policy && { on: policy, path: [] };
}

function configOf({ objects }: LintContext) {
  return objects.ofKind("ConfigMap").find(({ name }) => name === "cilium-config");
}
