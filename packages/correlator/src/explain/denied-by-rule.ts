import type { DropExplanation } from "@dropscope/model";
import type { Policy, RuleRef, SideExplanation, DecisionExplanation } from "@dropscope/policy";
import { agreementOf, deniedBy, means, type NamedPolicy } from "./attribution.js";
import { accountOf, type DirectedCase, isolatingPolicies } from "./case.js";
import { neighbour, type Surrounding } from "./in-flight.js";
import { isolatingPlace, placeOf } from "./nearest.js";
import { denialText, inFile, joined, policyName, policyText, ruleText } from "./text.js";
import { unexplained } from "./unexplained.js";
import { namesOf, uniqueNames, type Verdict, verdictText } from "./verdict.js";

/** A deny rule decided. Where the data path names its policy, that is the answer, and ours is checked against it. */
export function deniedByRule(one: DirectedCase, around: Surrounding): Verdict {
  const named = deniedBy(one.flow, one.direction);
  const now = accountOf(one);
  const fits = (side: SideExplanation): boolean =>
    side.outcome === "denied" &&
    side.by.some(({ policy }) => named.length === 0 || named.some((who) => means(who, policy)));
  const other =
    now !== undefined && fits(now[one.direction]) ? undefined : neighbour(one, around, fits);
  const account = other?.account ?? now;
  const side = account?.[one.direction];
  const by = side?.outcome === "denied" ? side.by : [];
  if (named.length === 0 && by.length === 0) return unexplained(one, around, now);
  const decided = account?.decision[one.direction];
  const rules = rulesNamed(named, [...by, ...(decided?.alsoNamed ?? [])]);
  const beside = (decided?.alsoNamed ?? []).map(({ policy }) => policy);
  const agreement = agreementOf(
    named,
    by.map(({ policy }) => policy),
    beside,
  );
  // Where both name the same, our further rules deny it as well; where not, the data path's word stands alone.
  const denying = agreement === "differs" ? rules : unique([...rules, ...by.map(toDenying)]);
  const isolating = isolatingPolicies(other?.one ?? one);
  const shown =
    agreement === "differs"
      ? by.filter(({ policy }) => named.some((who) => means(who, policy)))
      : by;
  return {
    outcome: "denied-by-rule",
    selecting: uniqueNames([...denying, ...namesOf(isolating)]),
    denying,
    nearest: null,
    agreement,
    sentence: verdictText(one, reasonText(one, named, by, agreement, account)),
    next: nextText(denying),
    change: other?.change ?? null,
    places: [
      ...shown.map(({ policy, rule }) => placeOf(policy, rule.place, "denies")),
      ...isolating.filter((policy) => !isAmong(policy, by)).map(isolatingPlace),
    ],
  };
}

type Denying = DropExplanation["denying"][number];

const toDenying = ({ policy, rule }: RuleRef): Denying => ({
  ...policyName(policy),
  rule: rule.place.path,
});

const isAmong = (policy: Policy, rules: readonly RuleRef[]): boolean =>
  rules.some((ref) => ref.policy === policy);

/** The data path names policies; which of their rules matched is ours to find. */
function rulesNamed(named: readonly NamedPolicy[], rules: readonly RuleRef[]): Denying[] {
  return named.flatMap((who): Denying[] => {
    const found = rules.filter(({ policy, rule }) => rule.action === "deny" && means(who, policy));
    const { kind, namespace, name } = who;
    return found.length === 0 ? [{ kind, namespace, name, rule: "" }] : found.map(toDenying);
  });
}

function unique(all: readonly Denying[]): Denying[] {
  const found = new Map<string, Denying>();
  for (const one of all) found.set(`${one.kind}/${one.namespace}/${one.name} ${one.rule}`, one);
  return [...found.values()];
}

function reasonText(
  one: DirectedCase,
  named: readonly NamedPolicy[],
  by: readonly RuleRef[],
  agreement: DropExplanation["agreement"],
  account: DecisionExplanation | undefined,
): string {
  if (agreement !== "differs" && account !== undefined) return denialText(account, one.direction);
  const who = joined(named.map(policyText));
  const head = `a deny rule of ${who}, as the data path says`;
  if (account === undefined) return `${head}; which one cannot be checked with what the flow tells`;
  if (by.length > 0) return `${head}; by the known policies it is ${joined(by.map(ruleText))}`;
  const known = one.moment
    .policiesOf(account.connection.from.namespace, account.connection.to.namespace)
    .find((policy) => named.some((name) => means(name, policy)));
  return known === undefined
    ? `${head}; the known policies hold no such policy`
    : `${head}; as we know it${inFile(known.place)} it has no rule that denies this`;
}

function nextText([first]: readonly Denying[]): string {
  if (first === undefined) return "";
  const rule = first.rule === "" ? "the deny rule" : first.rule;
  return `If it is wanted, narrow or remove ${rule} of ${policyText(first)}: a deny rule beats every allow.`;
}
