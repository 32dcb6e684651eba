import type { Place } from "../../place.js";
import type { Policy, Rule } from "../../policy.js";
import { pathSteps } from "../../source/path.js";
import type { LintContext } from "../context/context.js";
import type { Evidence } from "../finding.js";
import type { Draft } from "../rule.js";

/** `CiliumNetworkPolicy shop/api`. */
export function policyName({ kind, namespace, name }: Policy): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

/** `ingressDeny rule 1`, counted from 1 as people do. */
export function ruleName({ section, index }: Pick<Rule, "section" | "index">): string {
  return `${section} rule ${index + 1}`;
}

/** Where a draft on a part of a policy's normal form goes; undefined when its text is not in the input. */
export function at(
  context: LintContext,
  policy: Policy,
  place: Place,
): Pick<Draft, "on" | "path"> | undefined {
  const on = context.objects.ofPolicy(policy);
  return on && { on, path: pathSteps(place.path) };
}

export function ruleEvidence(policy: Policy, rule: Rule, note = ruleName(rule)): Evidence {
  const { kind, namespace, name } = policy;
  return { kind, namespace, name, place: rule.place, note };
}

export function policyEvidence({ kind, namespace, name, place }: Policy, note?: string): Evidence {
  return { kind, namespace, name, place, ...(note === undefined ? {} : { note }) };
}

/** `1 pod`, `3 pods`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `a, b and 3 more`. */
export function some(texts: readonly string[], shown = 3): string {
  if (texts.length <= shown) {
    const last = texts.at(-1) ?? "";
    return texts.length < 2 ? last : `${texts.slice(0, -1).join(", ")} and ${last}`;
  }
  return `${texts.slice(0, shown).join(", ")} and ${texts.length - shown} more`;
}

/** What a statement about all policies rests on: others may be elsewhere. */
export function basisOf({ manifests }: LintContext): string {
  const { length } = manifests.policies;
  return `${length === 1 ? "the one policy" : `${length} policies`} of the input`;
}
