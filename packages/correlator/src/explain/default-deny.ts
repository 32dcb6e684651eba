import type { NearestRule } from "@dropscope/model";
import {
  type DecisionExplanation,
  explain,
  isDenial,
  type Policy,
  type SideExplanation,
} from "@dropscope/policy";
import { agreementOf, deniedBy } from "./attribution.js";
import { accountOf, type DirectedCase, isolatingPolicies, peerOfCase, subjectOf } from "./case.js";
import { markOfNeighbour, neighbour, type Surrounding } from "./in-flight.js";
import { isolatingPlace, nearestPlaces, nearestRule } from "./nearest.js";
import { allowText, patchText } from "./next.js";
import { denialText, inFile, joined, policyName, policyText, ruleText } from "./text.js";
import { unexplained } from "./unexplained.js";
import { deniedByRule } from "./denied-by-rule.js";
import { namesOf, type Verdict, verdictText } from "./verdict.js";
import { REASON } from "./packet.js";

/** Nothing allowed it: the policies that make deny the default, and the rule that came nearest. */
export function defaultDeny(one: DirectedCase, around: Surrounding): Verdict {
  const account = accountOf(one);
  if (account === undefined) return withoutAccount(one, around);
  const side = account[one.direction];
  if (isByDefault(side)) return byDefault(one, account);
  if (isDenial(side.outcome)) return besideDenyRule(one, account, around);
  const other = neighbour(one, around, isByDefault);
  if (other === undefined) return unexplained(one, around, account);
  const verdict = byDefault(other.one, other.account);
  return {
    ...verdict,
    outcome: "policy-changed",
    change: other.change,
    sentence: verdictText(
      one,
      `${markOfNeighbour(other)}, and the node judged by the other side of that change: ${denialText(other.account, one.direction)}`,
    ),
    next: "Nothing if it stops within seconds; if it goes on, the node has not taken the change over: look at the agent's log there.",
  };
}

/** Denied because nothing allows it; Cilium writes such a denial out as a derived rule where rules may pass. */
function isByDefault({ outcome, by }: SideExplanation): boolean {
  return outcome === "default-denied" || (outcome === "denied" && by.length === 0);
}

function byDefault(one: DirectedCase, account: DecisionExplanation): Verdict {
  const { direction } = one;
  const side = account[direction];
  const isolating = side.policies.filter(({ isolates }) => isolates).map(({ policy }) => policy);
  const { nearest } = side;
  const found: NearestRule | null =
    nearest === undefined ? null : nearestRule(nearest, side.peer, account.connection);
  return {
    outcome: "default-deny",
    selecting: namesOf(isolating),
    denying: [],
    nearest: found,
    agreement: agreementOf(deniedBy(one.flow, direction), isolating),
    sentence: verdictText(one, denialText(account, direction)),
    next: soundHint(side) ?? patchText(one, isolating, nearest),
    change: null,
    places: [
      ...isolating.map(isolatingPlace),
      ...(nearest === undefined ? [] : nearestPlaces(nearest)),
    ],
  };
}

/**
 * What most likely misled the author. A hint about one clause of a rule is advice only where that
 * clause is all that fails: of a rule that is about something else it would mislead once more.
 */
function soundHint({ hints, policies }: SideExplanation): string | undefined {
  const failing = policies.flatMap(({ rules }) => rules).map(({ failures }) => failures);
  return hints.find(({ place }) =>
    failing.every(
      (failures) => failures.length === 1 || failures.every((one) => one.place !== place),
    ),
  )?.text;
}

/**
 * Our reading is a deny rule, the data path's is that nothing allowed it (it names deny rules
 * otherwise). What holds without the deny rules is then what the data path saw.
 */
function besideDenyRule(
  one: DirectedCase,
  account: DecisionExplanation,
  around: Surrounding,
): Verdict {
  if (one.reason !== REASON.policyDenied) return deniedByRule(one, around);
  const { connection } = account;
  const policies = one.moment
    .policiesOf(connection.from.namespace, connection.to.namespace)
    .map((policy) => withoutDenials(policy));
  const context = one.moment.context(subjectOf(one).endpoint);
  const without = explain(connection, policies, context);
  if (!isByDefault(without[one.direction])) return deniedByRule(one, around);
  const verdict = byDefault(one, without);
  const [rule] = account[one.direction].by;
  const also = rule === undefined ? "" : `; ${ruleText(rule)} denies it as well`;
  return { ...verdict, sentence: verdictText(one, `${denialText(without, one.direction)}${also}`) };
}

function withoutDenials(policy: Policy): Policy {
  return policy.rules.every(({ action }) => action !== "deny")
    ? policy
    : { ...policy, rules: policy.rules.filter(({ action }) => action !== "deny") };
}

/** Port, protocol or the labels of an end are missing: only what selects the endpoint for certain is told. */
function withoutAccount(one: DirectedCase, around: Surrounding): Verdict {
  const isolating = isolatingPolicies(one);
  if (isolating.length === 0) return unexplained(one, around, undefined);
  const [first] = isolating as readonly [Policy, ...Policy[]];
  const make = isolating.length === 1 ? "makes" : "make";
  const who = joined(isolating.map((policy) => policyText(policyName(policy))));
  const where = isolating.length === 1 ? inFile(first.place) : "";
  return {
    outcome: "default-deny",
    selecting: namesOf(isolating),
    denying: [],
    nearest: null,
    agreement: agreementOf(deniedBy(one.flow, one.direction), isolating),
    sentence: verdictText(
      one,
      `${who}${where} ${make} deny the default for ${one.direction}; ${missingText(one)}, so which rule came nearest cannot be told`,
    ),
    next: allowText(one),
    change: null,
    places: isolating.map(isolatingPlace),
  };
}

/** What the flow lacks. */
export function missingText(one: DirectedCase): string {
  if (subjectOf(one).known === "not")
    return `the flow tells no labels of ${subjectOf(one).endpoint.name}`;
  if (peerOfCase(one).known === "not")
    return `the flow tells no labels of ${peerOfCase(one).endpoint.name}`;
  return "the flow tells no protocol and port that policies know";
}
