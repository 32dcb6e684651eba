import type { ClausePlace, FailedClause, NearestRule } from "@dropscope/model";
import {
  type Connection,
  type Endpoint,
  gotText,
  type Place,
  type Policy,
  type RuleAccount,
  wantedText,
} from "@dropscope/policy";
import { clean, policyName } from "./text.js";

type Failure = RuleAccount["failures"][number];

/** The rule that came nearest, and which of its clauses failed. @param peer the end that its peers are held against */
export function nearestRule(
  { policy, rule, failures }: RuleAccount,
  peer: Endpoint,
  connection: Connection,
): NearestRule {
  return {
    policy: pathName(policy),
    rule: rule.place.path,
    failed: failures.map((failure) => ({
      part: partOf(failure),
      wanted: clean(wantedText(failure)),
      got: clean(gotText(failure, peer, connection)),
    })),
  };
}

/** `namespace/name`, or the name alone for clusterwide kinds. */
export function pathName({ namespace, name }: Pick<Policy, "namespace" | "name">): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

function partOf(failure: Failure): FailedClause["part"] {
  switch (failure.dimension) {
    case "protocol":
      return "protocol";
    case "port":
    case "named-port":
    case "no-port":
      return "port";
    case "entity":
      return "entity";
    case "fqdn":
      return "fqdn";
    case "cidr":
      return failure.reason === "excepted" ? "cidr-except" : "peer";
    case "kind":
      return failure.reason === "not-an-address" ? "fqdn" : "peer";
    default:
      return "peer";
  }
}

export function placeOf(policy: Policy, place: Place, role: ClausePlace["role"]): ClausePlace {
  const { file, line, path } = place;
  return { policy: policyName(policy), path, source: file === "" ? "" : `${file}:${line}`, role };
}

/** Where a policy says whom it is about: that is what isolates. */
export function isolatingPlace(policy: Policy): ClausePlace {
  const { place } = policy.subject;
  return placeOf(policy, place.path === "" ? policy.place : place, "isolates");
}

/** The failing clauses of the nearest rule, each once. */
export function nearestPlaces({ policy, rule, failures }: RuleAccount): ClausePlace[] {
  const places = new Map<string, ClausePlace>();
  for (const { place } of failures)
    places.set(`${place.file}:${place.line}:${place.path}`, placeOf(policy, place, "nearest"));
  return places.size === 0 ? [placeOf(policy, rule.place, "nearest")] : [...places.values()];
}
