import {
  l7ListsOf,
  type L7List as List,
  requestText,
  type SideExplanation,
} from "@dropscope/policy";
import { accountOf, type DirectedCase, isolatingPolicies } from "./case.js";
import { markOfNeighbour, neighbour, type Surrounding } from "./in-flight.js";
import { isolatingPlace, pathName, placeOf } from "./nearest.js";
import { inFile, policyName, policyText } from "./text.js";
import { namesOf, NO_POLICY, uniqueNames, type Verdict, verdictText } from "./verdict.js";

/** The proxy refused a request: which list of rules it went through, and what came nearest. */
export function l7Denied(one: DirectedCase, around: Surrounding): Verdict {
  const account = accountOf(one);
  const side = account?.[one.direction];
  const lists = side === undefined ? [] : listsOf(side, one);
  const passing = lists.find(({ answer }) => answer.passes === "yes");
  if (passing === undefined) return refused(one, lists);
  const other = neighbour(one, around, (then) => {
    const found = listsOf(then, one);
    return found.length > 0 && found.every(({ answer }) => answer.passes !== "yes");
  });
  if (other !== undefined) {
    const verdict = refused(other.one, listsOf(other.account[one.direction], one));
    const reason = `${markOfNeighbour(other)}, and the proxy judged by the other side of that change`;
    return {
      ...verdict,
      outcome: "policy-changed",
      change: other.change,
      sentence: verdictText(one, reason),
    };
  }
  return contradicted(one, passing);
}

function listsOf(side: SideExplanation, { layer, to, flow }: DirectedCase): List[] {
  return layer === undefined ? [] : l7ListsOf(side, { to: to.endpoint, ...layer }, flow);
}

function refused(one: DirectedCase, lists: readonly List[]): Verdict {
  const isolating = isolatingPolicies(one);
  const request = requestText(one.flow);
  const best = lists.reduce<List | undefined>(
    (found, list) => (found === undefined || list.answer.cost < found.answer.cost ? list : found),
    undefined,
  );
  if (best === undefined)
    return {
      ...NO_POLICY,
      outcome: "l7-denied",
      selecting: namesOf(isolating),
      sentence: verdictText(
        one,
        `the proxy refused ${request}, and no L7 rule that is known here applies to it`,
      ),
      next: "Look at the policies on the node: one of them sends this connection through the proxy.",
      places: isolating.map(isolatingPlace),
    };
  const { policy, rule } = best.account;
  const where = `${rule.place.path} of ${policyText(policyName(policy))}${inFile(best.rules.place)}`;
  return {
    ...NO_POLICY,
    outcome: "l7-denied",
    selecting: uniqueNames([
      ...lists.map(({ account }) => policyName(account.policy)),
      ...namesOf(isolating),
    ]),
    nearest: {
      policy: pathName(policy),
      rule: rule.place.path,
      failed: [{ part: "l7", wanted: best.answer.wanted, got: request }],
    },
    sentence: verdictText(
      one,
      `the proxy refused ${request}: ${where} passes only ${best.answer.wanted}${answeredWith(one)}`,
    ),
    next: `If it is wanted, add it to the ${best.rules.kind} rules of ${rule.place.path} of ${policyText(policyName(policy))}.`,
    places: [
      placeOf(policy, best.rules.place, "nearest"),
      ...isolating.filter((other) => other !== policy).map(isolatingPlace),
    ],
  };
}

/** What the application sees: a refusal, not a timeout. */
function answeredWith({ flow }: DirectedCase): string {
  if (flow.l7?.http) return ", and answered 403";
  return flow.l7?.dns ? ", and answered that it refuses" : "";
}

function contradicted(one: DirectedCase, { account, rules }: List): Verdict {
  const { policy, rule } = account;
  return {
    ...NO_POLICY,
    outcome: "unexplained",
    sentence: verdictText(
      one,
      `the proxy refused ${requestText(one.flow)}, though by the known policies ${rule.place.path} of ${policyText(policyName(policy))}${inFile(rules.place)} lets it pass; it may be that the proxy had not loaded it`,
    ),
    next: "Look at the proxy's configuration on the node: `cilium-dbg policy selectors` and the agent's log.",
    places: [placeOf(policy, rules.place, "allows")],
  };
}
