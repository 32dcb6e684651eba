import type { DecisionExplanation, SideExplanation } from "@dropscope/policy";
import { type DirectedCase, peerOfCase, subjectOf } from "./case.js";
import type { Surrounding } from "./in-flight.js";
import { clean, joined, ruleText } from "./text.js";
import { candidates } from "./candidates.js";
import { NO_POLICY, type Verdict, verdictText } from "./verdict.js";
import { placeOf } from "./nearest.js";

/**
 * The data path denied what the known policies allow, or too little is known to say. Nobody is
 * blamed; what may be behind it is named, the likeliest first.
 * @param account undefined when the flow tells too little to judge
 */
export function unexplained(
  one: DirectedCase,
  around: Surrounding,
  account: DecisionExplanation | undefined,
): Verdict {
  const side = account?.[one.direction];
  const { reason } = one.base;
  const as = reason === "" ? "without a reason" : `as ${reason}`;
  const found = candidates(one, around, side);
  const may = found.length === 0 ? "" : `; it may be that ${joined(found)}`;
  return {
    ...NO_POLICY,
    outcome: "unexplained",
    sentence: verdictText(one, `the data path denied it ${as}, and ${whyNot(one, side)}${may}`),
    next: clean(
      `Compare with what the node enforces: \`cilium-dbg endpoint list\` and \`cilium-dbg bpf policy get\` for ${subjectOf(one).endpoint.name} on ${one.flow.node_name || "its node"}.`,
    ),
    places: (side?.by ?? []).map(({ policy, rule }) => placeOf(policy, rule.place, "allows")),
  };
}

function whyNot(one: DirectedCase, side: SideExplanation | undefined): string {
  const subject = subjectOf(one);
  const { count } = one.moment;
  if (count === 0) return "no policies are known";
  if (side === undefined) {
    if (subject.known === "not") return `the flow tells no labels of ${subject.endpoint.name}`;
    if (peerOfCase(one).known === "not")
      return `no known policy isolates ${subject.endpoint.name} in ${one.direction}, as far as the flow tells who its ends are`;
    return `no known policy isolates ${subject.endpoint.name} in ${one.direction}`;
  }
  switch (side.outcome) {
    case "allowed":
    case "redirected":
      return side.by.length === 0
        ? `the known policies do not make deny the default for ${one.direction} of ${subject.endpoint.name}`
        : `the known policies allow it (${joined(side.by.map(ruleText), 2)})`;
    case "not-enforced":
      return `no known policy selects ${subject.endpoint.name} for ${one.direction}`;
    case "no-endpoint":
      return `${subject.endpoint.name} is no endpoint that policies select`;
    case "denied":
    case "default-denied":
      return `the known policies deny it in another way than the data path did`;
  }
}
