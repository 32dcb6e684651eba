import type { Direction, Policy } from "../../../policy.js";
import { type Circle, circlesOf } from "../../context/circles.js";
import type { CiliumSpecView } from "../../context/cilium-policies.js";
import { podEvidence } from "../../context/pods.js";
import { list, record } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";
import { basisOf, some } from "../say.js";
import type { LintContext } from "../../context/context.js";
import type { PatchOperation } from "../../../patch/patch.js";

export const CN012: LintRule = {
  id: "CN012",
  title: "Policy of deny rules alone denies everything",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "A policy that only has deny rules for a direction still turns on default deny there. " +
      "Where nothing else allows anything, the pods lose all traffic, not just what the rules deny.",
    fix: "Set enableDefaultDeny to false for that direction.",
  },
  *check(context) {
    const implicit = new Map<Policy, ReadonlySet<Direction>>();
    for (const view of context.ciliumSpecs)
      if (view.policy) implicit.set(view.policy, deniedImplicitly(view));
    for (const view of context.ciliumSpecs)
      for (const direction of (view.policy && implicit.get(view.policy)) ?? []) {
        const cut = cutOff(context, view.policy!, direction, implicit);
        if (!cut) continue;
        yield {
          on: view.source,
          path: [...view.path, `${direction}Deny`],
          message:
            `${view.source.kind} ${view.title} has only deny rules for ${direction}, but it turns on default deny too: ` +
            `nothing allows any ${direction} of ${whom(cut)}.`,
          evidence: cut.flatMap(({ pods }) => pods).map((pod) => podEvidence(pod)),
          basis: basisOf(context),
          operations: [allow(view, direction)],
        };
      }
  },
};

function deniedImplicitly({ spec, policy }: CiliumSpecView): ReadonlySet<Direction> {
  const asked = record(spec["enableDefaultDeny"]);
  return new Set(
    (["ingress", "egress"] as const).filter(
      (direction) =>
        policy?.isolates[direction] === true &&
        typeof asked[direction] !== "boolean" &&
        list(spec[`${direction}Deny`]).length > 0 &&
        list(spec[direction]).length === 0,
    ),
  );
}

/** The pods' circles in which nobody else meant default deny, or allows anything. */
function cutOff(
  context: LintContext,
  policy: Policy,
  direction: Direction,
  implicit: ReadonlyMap<Policy, ReadonlySet<Direction>>,
) {
  if (policy.subject.of !== "pods") return undefined;
  const cut = circlesOf(context, policy).filter(({ policies }) =>
    policies.every(
      (other) =>
        implicit.get(other)?.has(direction) === true ||
        (!other.isolates[direction] &&
          !other.rules.some((rule) => rule.direction === direction && rule.action === "allow")),
    ),
  );
  return cut.length > 0 ? cut : undefined;
}

function allow({ spec, path }: CiliumSpecView, direction: Direction): PatchOperation {
  return Object.hasOwn(spec, "enableDefaultDeny")
    ? { op: "add", path: [...path, "enableDefaultDeny", direction], value: false }
    : { op: "add", path: [...path, "enableDefaultDeny"], value: { [direction]: false } };
}

function whom(circles: readonly Circle[]): string {
  const pods = circles.flatMap((circle) => circle.pods);
  return pods.length === 0
    ? "its pods"
    : some(
        pods.map(({ endpoint }) => endpoint.name),
        2,
      );
}
