import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import type { Hint, HintCode, PolicyAccount, RuleAccount, SideExplanation } from "./explanation.js";
import { peerHint } from "./peer-hints.js";
import { portHint } from "./port-hints.js";
import { isByDefault } from "./order.js";
import { clean, endText, policyText } from "./text.js";

/** More than anybody reads. */
const MAX_HINTS = 6;

type Side = Omit<SideExplanation, "hints">;

/** What most likely misled the author, from the rules that are nearest to matching on; empty when nothing is denied. */
export function hintsOf(side: Side, connection: Connection, context: MatchContext): Hint[] {
  if (!isByDefault(side)) return [];
  const found = new Map<string, Hint>();
  const add = (hint: Hint | undefined): void => {
    if (hint === undefined || found.size >= MAX_HINTS) return;
    const key = `${hint.code} ${hint.text}`;
    if (!found.has(key)) found.set(key, { ...hint, text: clean(hint.text) });
  };
  for (const account of candidates(side)) {
    add(ofRule(account, side.peer, connection, context));
    if (found.size >= MAX_HINTS) break;
  }
  for (const policy of side.policies) add(ofPolicy(policy, side));
  return [...found.values()];
}

/** Rules that a single misunderstanding keeps from matching: the nearest first, then in their order. */
function* candidates({ nearest, policies }: Side): Generator<RuleAccount> {
  if (nearest) yield nearest;
  for (const { rules, inert } of policies)
    for (const account of inert ? [] : rules)
      if (
        account !== nearest &&
        account.rule.action === "allow" &&
        account.failures.length > 0 &&
        (account.peersMatch || account.portsMatch)
      )
        yield account;
}

function ofRule(
  account: RuleAccount,
  peer: Endpoint,
  connection: Connection,
  context: MatchContext,
): Hint | undefined {
  const { policy } = account;
  for (const failure of account.failures) {
    const hint =
      failure.dimension === "nobody"
        ? nobodyHint(account)
        : (peerHint(failure, account, peer, context) ??
          portHint(failure, account, connection, context));
    if (hint !== undefined) return { ...hint, policy, place: failure.place };
  }
  return undefined;
}

/** The same words mean the opposite in a NetworkPolicy. */
function nobodyHint({ policy, rule }: RuleAccount): { code: HintCode; text: string } | undefined {
  if (!policy.kind.startsWith("Cilium")) return undefined;
  const field = rule.direction === "ingress" ? "fromEntities" : "toEntities";
  return {
    code: "rule-allows-nobody",
    text: `${rule.place.path} of ${policyText(policy)} has no peer, which allows nobody in a ${policy.kind}; an empty rule allows everybody only in a NetworkPolicy. To allow everybody write ${field}: [all].`,
  };
}

function ofPolicy(account: PolicyAccount, side: Side): Hint | undefined {
  const { policy, isolates, rules, inert } = account;
  const { direction, endpoint } = side;
  if (inert) return inertHint(account, side);
  if (policy.kind !== "NetworkPolicy" || !isolates || rules.length > 0) return undefined;
  if (direction === "egress" || policy.rules.length === 0) return undefined;
  return {
    code: "isolates-without-rules",
    text: `${policyText(policy)} has only egress rules, and still makes deny the default for ingress of ${endText(endpoint)}: Ingress is in its policyTypes, or policyTypes is not written. If it is about egress alone, write policyTypes: [Egress].`,
    policy,
    place: policy.place,
  };
}

/** A rule that would allow the connection, if its direction were among the policyTypes. */
function inertHint({ policy, rules }: PolicyAccount, { direction }: Side): Hint | undefined {
  const matching = rules.find(({ matches }) => matches);
  if (matching === undefined) return undefined;
  const type = direction === "ingress" ? "Ingress" : "Egress";
  return {
    code: "rules-are-inert",
    text: `${matching.rule.place.path} of ${policyText(policy)} would allow it, but has no effect: its policyTypes leave ${type} out. Add ${type} to policyTypes.`,
    policy,
    place: matching.rule.place,
  };
}
