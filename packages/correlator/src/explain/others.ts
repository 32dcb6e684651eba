import { cleanText, dropReasonText, layer4 } from "@dropscope/model";
import { isDenial } from "@dropscope/policy";
import { accountOf, type Case, type DirectedCase, isolatingPolicies } from "./case.js";
import { isolatingPlace, placeOf } from "./nearest.js";
import { joined, policyName, ruleText } from "./text.js";
import { NO_POLICY, uniqueNames, type Verdict, verdictText } from "./verdict.js";
import { namesOf } from "./verdict.js";

/** A drop reason that is no policy's doing, in plain words. */
export function notPolicy(one: Case): Verdict {
  const given = one.reason < 0 ? cleanText(one.base.reason, 100) : one.reason;
  const { title, meaning, next } = dropReasonText(given);
  return {
    ...NO_POLICY,
    outcome: "not-policy",
    sentence: verdictText(one, `${title}. ${meaning.replace(/\.$/, "")}`),
    next,
  };
}

/** Policies let it pass, but not before both ends have proved who they are. */
export function authRequired(one: DirectedCase): Verdict {
  const account = accountOf(one);
  const side = account?.[one.direction];
  const asking = (side?.by ?? []).filter(
    ({ rule }) => rule.authentication === "required" || rule.authentication === "test-always-fail",
  );
  const isolating = isolatingPolicies(one);
  const denies = side !== undefined && isDenial(side.outcome);
  const who =
    asking.length > 0
      ? `${joined(asking.map(ruleText))} ${asking.length === 1 ? "allows" : "allow"} it only between ends that have authenticated each other, and they have not`
      : denies
        ? "its ends have not authenticated each other; by the known policies no rule allows it either"
        : "its ends have not authenticated each other; which policy asks for it is not among those known";
  return {
    ...NO_POLICY,
    outcome: "auth-required",
    selecting: uniqueNames([
      ...asking.map(({ policy }) => policyName(policy)),
      ...namesOf(isolating),
    ]),
    sentence: verdictText(one, who),
    next: "The first packets of a connection may be dropped so; if it goes on, look at mutual authentication on both nodes: the SPIRE agent, and the agent's log for the handshake.",
    places: [
      ...asking.map(({ policy, rule }) => placeOf(policy, rule.place, "allows")),
      ...isolating
        .filter((policy) => !asking.some((ref) => ref.policy === policy))
        .map(isolatingPlace),
    ],
  };
}

/** Policies judge connections, not the answers to them. */
export function replyDropped(one: Case): Verdict {
  return {
    ...NO_POLICY,
    outcome: "unexplained",
    sentence: verdictText(
      one,
      "it is an answer, which policies do not judge; most likely the node had forgotten the connection that it belongs to",
    ),
    next: "Look at the connection in the other direction, and at the size and the timeouts of the node's connection tracking table.",
  };
}

/** Neither the flow nor the policies tell which end's policies decided. */
export function withoutDirection(one: Case): Verdict {
  const reason = one.base.reason === "" ? "no reason" : `the reason ${one.base.reason}`;
  const lacks =
    layer4(one.flow) === undefined ? "its direction, protocol and port" : "its direction";
  return {
    ...NO_POLICY,
    outcome: "unexplained",
    sentence: verdictText(
      one,
      `the data path gave ${reason}, and the flow does not tell ${lacks}, so whose policies decided is not known`,
    ),
    next: "Look at the other events of the same connection: policy verdicts tell the direction.",
  };
}
