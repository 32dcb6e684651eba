import type { Flow, Problem } from "@dropscope/model";
import {
  isDenial,
  type L7List,
  type Policy,
  requestText,
  type RuleRef,
  type SideExplanation,
} from "@dropscope/policy";
import { policyText } from "./candidate.js";

/** Why no edit is looked for; empty when one is. */
export function refusalOf({ outcome, folded }: Problem, flow: Flow | undefined): string {
  switch (outcome) {
    case "not-policy":
      return "No policy decided this, so no policy can allow it.";
    case "auth-required":
      return "The policies allow it once both ends are authenticated; an edit would only take that demand away.";
    case "policy-changed":
      return "A policy was changing at that moment; there is nothing to add to it.";
    case "unexplained":
      return "What is known does not explain the drop, and an edit without a reason is none.";
    default:
      if (folded === "everything")
        return "Too many different connections are folded into this one for one edit.";
      return flow === undefined
        ? "Its flows are not stored any more, so no edit can be tried out."
        : "";
  }
}

/** The policies as if the rules that decided were not there; what makes deny the default stays. */
export function withoutRules(policies: readonly Policy[], { by }: SideExplanation): Policy[] {
  const rules = new Set(by.map(({ rule }) => rule));
  return policies.map((policy) =>
    policy.rules.some((rule) => rules.has(rule))
      ? { ...policy, rules: policy.rules.filter((rule) => !rules.has(rule)) }
      : policy,
  );
}

/**
 * Why no edit was found for a connection that is denied.
 * @param without the same without the rules that decided
 */
export function whyNone({ by }: SideExplanation, without: SideExplanation): string {
  if (by.length === 0)
    return "No small edit of the policies that select the pod allows it: nothing tells its ends apart from others, or the policies have no word for them.";
  const [first] = by as readonly [RuleRef, ...RuleRef[]];
  const named = `${ruleText(first)}${by.length === 1 ? "" : ` and ${by.length - 1} more`}`;
  const head = `A deny rule decided (${named}), and deny wins over every allow rule.`;
  const rest = isDenial(without.outcome)
    ? ` Nothing else allows the traffic either, so that it takes two changes: an exception to the deny rule, and a rule that allows it in ${allowPlace(without)}.`
    : "";
  return `${head}${rest} No edit is offered for what was forbidden on purpose and as a whole: ask who wrote the rule whether the traffic is wanted, and narrow the rule by hand if it is.`;
}

function allowPlace({ policies, endpoint }: SideExplanation): string {
  const one = policies.find(({ isolates }) => isolates)?.policy;
  return one === undefined ? `a policy of ${endpoint.name}` : policyText(one);
}

/** Why no edit was found for a request that the proxy refuses. */
export function whyNoRequest(lists: readonly L7List[], flow: Flow): string {
  const [first] = lists;
  const where =
    first === undefined
      ? ""
      : ` (${first.account.rule.place.path} of ${policyText(first.account.policy)})`;
  return `The proxy refused ${requestText(flow)}, and the flow does not show enough of the request to write a rule for it: add it to the rules that are marked${where} by hand.`;
}

const ruleText = ({ policy, rule }: RuleRef): string =>
  `${rule.place.path} of ${policyText(policy)}`;
