import { type DropExplanation, formatTimeNs, type PolicyName } from "@dropscope/model";
import type { Policy } from "@dropscope/policy";
import { whoText, type Case } from "./case.js";
import { clean, policyName } from "./text.js";

/** An explanation without what every flow has. */
export type Verdict = Omit<DropExplanation, "uuid" | "time" | "reason" | "audited" | "direction">;

/** What no policy decided, or nobody knows who did. */
export const NO_POLICY = {
  selecting: [],
  denying: [],
  nearest: null,
  agreement: "cilium-silent",
  change: null,
  places: [],
} as const satisfies Partial<Verdict>;

/** The specs of one object are one policy. */
export function namesOf(policies: readonly Policy[]): PolicyName[] {
  return uniqueNames(policies.map(policyName));
}

export function uniqueNames(names: readonly PolicyName[]): PolicyName[] {
  const found = new Map<string, PolicyName>();
  for (const { kind, namespace, name } of names)
    found.set(`${kind}/${namespace}/${name}`, { kind, namespace, name });
  return [...found.values()];
}

/** `web/checkout to web/db on TCP 5432 was dropped: REASON.`, with what makes it less than certain. */
export function verdictText(one: Case, reason: string): string {
  const what = one.base.audited
    ? "passed in audit mode and would have been dropped"
    : "was dropped";
  return clean(`${whoText(one)} ${what}: ${reason}${doubtText(one)}.`);
}

function doubtText({ timed, moment }: Case): string {
  if (!timed) return " (the flow has no usable time, so it is judged by the newest policies)";
  const { isCertain, knownSince } = moment.view;
  if (isCertain) return "";
  const since =
    moment.time < knownSince
      ? `; the policies are known since ${formatTimeNs(BigInt(Math.round(knownSince * 1000)) * 1000n)}`
      : "";
  return ` (what the policies were at that moment is not known for certain${since})`;
}
