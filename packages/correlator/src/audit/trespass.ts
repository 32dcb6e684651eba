import {
  enumText,
  EVENT,
  type Flow,
  OBSERVATION_POINTS,
  type PolicyName,
  TRACE_REASONS,
  VERDICTS,
} from "@dropscope/model";
import { isDenial } from "@dropscope/policy";
import { allowedBy } from "../explain/attribution.js";
import { accountOf, type DirectedCase } from "../explain/case.js";
import { neighbour, type Surrounding } from "../explain/in-flight.js";
import { isReply } from "../explain/packet.js";
import { denialText } from "../explain/text.js";
import { namesOf, uniqueNames } from "../explain/verdict.js";

/** A connection that passed although the policies deny it. */
export interface Trespass {
  /** Those that deny it. */
  readonly policies: readonly PolicyName[];
  /** Those that the data path says allowed it. */
  readonly allowedBy: readonly PolicyName[];
  /** Why they deny it, in words. */
  readonly why: string;
}

/** The first packet of a connection, let through: a policy verdict, or its arrival at the endpoint. */
export function isConnectionStart(flow: Flow): boolean {
  const verdict = enumText(VERDICTS, flow.verdict);
  if ((verdict !== "FORWARDED" && verdict !== "REDIRECTED") || isReply(flow)) return false;
  if (flow.l7 !== undefined) return false;
  if (flow.event_type?.type === EVENT.policyVerdict) return true;
  if (flow.event_type?.type !== EVENT.trace) return false;
  const point = enumText(OBSERVATION_POINTS, flow.trace_observation_point);
  return point === "TO_ENDPOINT" && enumText(TRACE_REASONS, flow.trace_reason) === "NEW";
}

/**
 * Undefined where the policies allow it, where too little is known, and where they allowed it
 * shortly before or after: then it may well have passed rightly.
 */
export function trespassOf(one: DirectedCase, around: Surrounding): Trespass | undefined {
  const account = accountOf(one);
  const side = account?.[one.direction];
  if (account === undefined || side === undefined || !isDenial(side.outcome)) return undefined;
  // A name of DNS that is not remembered here may be known on the node.
  if (side.nearest?.failures.some(({ dimension }) => dimension === "fqdn") === true)
    return undefined;
  const allowed = neighbour(one, around, ({ outcome }) => !isDenial(outcome));
  if (allowed !== undefined) return undefined;
  const isolating = side.policies.filter(({ isolates }) => isolates).map(({ policy }) => policy);
  const deciding = side.by.map(({ policy }) => policy);
  return {
    policies: namesOf(deciding.length > 0 ? deciding : isolating),
    allowedBy: uniqueNames(allowedBy(one.flow, one.direction)),
    why: denialText(account, one.direction),
  };
}
