import { isDenial, type SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { DecisionExplanation, SideExplanation } from "./explanation.js";
import { l7Text } from "./l7-text.js";
import { missText, ruleScopeText } from "./nearest-text.js";
import { isByDefault } from "./order.js";
import {
  clean,
  connectionText,
  endText,
  joined,
  listed,
  placeText,
  policyText,
  ruleText,
} from "./text.js";

/** More policies than this are counted, not named. */
const MAX_NAMED = 3;

/**
 * The explanation in one plain sentence, for somebody who is woken at night by
 * the drop: who, what, which policy, which clause, where it stands.
 */
export function sentence(explanation: DecisionExplanation): string {
  const { connection, decision, egress, ingress } = explanation;
  const denied = [egress, ingress].filter(({ outcome }) => isDenial(outcome));
  const may = denied.length > 0 ? "may not reach" : "may reach";
  const head = `${endText(connection.from)} ${may} ${endText(connection.to)} on ${connectionText(connection)}`;
  const audit = denied.length > 0 && decision.allowed;
  const tail = audit ? ", but policies are only audited: it is reported and passes" : "";
  const reason =
    denied.length > 0
      ? denied.map((side) => denialText(side, explanation, denied.length > 1)).join("; also ")
      : allowanceText(explanation);
  return clean(`${head}${tail}: ${reason}.`);
}

function denialText(
  side: SideExplanation,
  explanation: DecisionExplanation,
  both: boolean,
): string {
  const where = both ? `on ${side.direction}, ` : "";
  if (!isByDefault(side)) return `${where}${explicitText(side)}`;
  return `${where}${defaultText(side, explanation.connection)}`;
}

/** A deny rule decided. */
function explicitText({ by, direction }: SideExplanation): string {
  const [first, ...others] = by;
  if (first === undefined) return `${direction} is denied`;
  const more =
    others.length === 0
      ? ""
      : `, and so ${others.length === 1 ? "does" : "do"} ${listed(others.map(ruleText), MAX_NAMED)}`;
  const { rule, policy } = first;
  return `${policyText(policy)} denies ${direction} ${direction === "ingress" ? "from" : "to"} ${ruleScopeText(rule)} (${placeText(rule.place)})${more}`;
}

function defaultText(side: SideExplanation, connection: Connection): string {
  const { policies, direction, nearest, endpoint, peer } = side;
  const isolating = policies.filter(({ isolates }) => isolates).map(({ policy }) => policy);
  if (isolating.length === 0)
    return `deny is the default for ${direction} of ${endpoint.name} (${policies.length === 0 ? "every endpoint is enforced, and no policy selects it" : "every endpoint is enforced"})${nearest ? `, and the nearest rule (${ruleText(nearest)}) ${missText(nearest, peer, connection)}` : ""}`;
  const names = isolating.slice(0, MAX_NAMED).map(policyText);
  const rest = isolating.length - names.length;
  const who = joined(rest > 0 ? [...names, `${rest} more`] : names);
  const [make, own] = isolating.length === 1 ? ["makes", "its"] : ["make", "their"];
  const head = `${who} ${make} deny the default for ${direction}`;
  if (nearest === undefined) return `${head}, and ${nothingText(side, isolating.length)}`;
  const { policy, rule } = nearest;
  if (isolating.length === 1 && policy === isolating[0])
    return `${head}, and its nearest rule (${placeText(rule.place)}) ${missText(nearest, peer, connection)}`;
  const whose = isolating.includes(policy) ? own : "the";
  return `${head}, and ${whose} nearest rule (${ruleText(nearest)}) ${missText(nearest, peer, connection)}`;
}

/** Why there is no nearest rule: no rule at all, or only rules that can match nobody. */
function nothingText({ policies, direction }: SideExplanation, isolating: number): string {
  const places = policies
    .filter(({ isolates }) => isolates)
    .map(({ policy }) => placeText(policy.place));
  const where = listed(places, MAX_NAMED);
  const empty = policies.every(({ rules, inert }) => inert || rules.length === 0);
  if (!empty) return `no rule of ${direction} allows anybody (${where})`;
  return `${isolating === 1 ? "it has" : "they have"} no rule that allows any ${direction} (${where})`;
}

function allowanceText({ connection, decision, egress, ingress }: DecisionExplanation): string {
  const sides = [
    sideText(ingress, decision.ingress, connection),
    sideText(egress, decision.egress, connection),
  ];
  // Both sides open is one fact, not two.
  if (egress.outcome === "not-enforced" && ingress.outcome === "not-enforced")
    return `no policy restricts egress of ${egress.endpoint.name} or ingress of ${ingress.endpoint.name}`;
  return sides.join("; ");
}

function sideText(side: SideExplanation, decided: SideDecision, connection: Connection): string {
  const { direction, endpoint, outcome, by } = side;
  switch (outcome) {
    case "allowed":
    case "redirected": {
      const rules =
        by.length === 0 ? derivedText(decided) : `by ${listed(by.map(ruleText), MAX_NAMED)}`;
      const proxy =
        outcome === "redirected" ? `, through the L7 proxy, ${l7Text(by, connection)}` : "";
      return `${direction} is allowed ${rules}${proxy}${authenticationText(decided)}`;
    }
    case "not-enforced":
      return `${direction} of ${endpoint.name} is not restricted: no policy selects it in this direction`;
    case "no-endpoint":
      return `${direction} is not judged: ${noEndpointText(endpoint)}`;
    case "denied":
    case "default-denied":
      return `${direction} is denied`;
  }
}

function derivedText({ derived, direction }: SideDecision): string {
  if (derived === "allow-localhost-ingress")
    return "because traffic from a pod's own node always is";
  return derived === undefined
    ? "by default"
    : `because no policy that selects it makes deny the default for ${direction}`;
}

function authenticationText({ authentication }: SideDecision): string {
  if (authentication === undefined) return "";
  return authentication === "required"
    ? ", once both ends have authenticated each other (until then it is dropped as AUTH_REQUIRED)"
    : ", but its authentication mode is test-always-fail, so that it is always dropped";
}

function noEndpointText({ kind, name, hostNetwork, local }: Endpoint): string {
  if (kind === "address") return `${name} is outside the cluster`;
  if (!local && kind === "pod") return `${name} is in another cluster`;
  if (hostNetwork && kind === "pod")
    return `${name} is on the host network, which no policy selects`;
  return kind === "host" ? `${name} is a node, and the host firewall is off` : `${name} is no pod`;
}
