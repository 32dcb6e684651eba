import { cidrCovers, PRIVATE_RANGES } from "../../compare/cidrs.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";
import { indexTargets } from "./cluster-addresses.js";

export const CN010: LintRule = {
  id: "CN010",
  title: "CIDR meant for pods, nodes or Services",
  severity: "high",
  needs: "cluster",
  help: {
    why:
      "Cilium knows pods and nodes by their identities. A CIDR matches only what has none: it never matches a pod, a node or the API server that runs on one, " +
      "and a Service's address is translated before policies are asked.",
    fix: "Select pods by labels, nodes by the entities host and remote-node, the API server by the entity kube-apiserver.",
  },
  *check(context) {
    const targets = indexTargets(context);
    for (const policy of context.manifests.policies) {
      if (!policy.kind.startsWith("Cilium")) continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          // A whole private range is meant for the network around the cluster too.
          if (peer.of !== "cidr" || PRIVATE_RANGES.some((range) => cidrCovers(peer.cidr, range)))
            continue;
          const hits = targets
            .meantBy(peer.cidr)
            .filter(({ address }) => !peer.except.some((hole) => cidrCovers(hole, address)));
          const where = at(context, policy, peer.place);
          const [first] = hits;
          if (!first || !where) continue;
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} names ${peer.cidr}, which is ${first.what}; Cilium never matches it by a CIDR.`,
            evidence: hits.flatMap(({ evidence }) => evidence ?? []),
            fix: first.fix,
            ...(first.entity && hits.length === 1 && rule.peers.length === 1
              ? { operations: entityInstead(where.path, first.entity) }
              : {}),
          };
        }
    }
  },
};

/** `spec.egress[0].toCIDR[0]`, or deeper in a CIDR set, becomes the rule's `toEntities`. */
function entityInstead(path: readonly (string | number)[], entity: string) {
  const field = path.findIndex(
    (step) => typeof step === "string" && /^(from|to)CIDR(Set)?$/.test(step),
  );
  if (field < 0) return [];
  const entities = String(path[field]).startsWith("from") ? "fromEntities" : "toEntities";
  const rule = path.slice(0, field);
  return [
    { op: "add" as const, path: [...rule, entities], value: [entity] },
    { op: "remove" as const, path: path.slice(0, field + 1) },
  ];
}
