import { parseCidr } from "../../../match/cidr.js";
import { cidrCovers, PRIVATE_RANGES } from "../../compare/cidrs.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";
import { settingText } from "./setting.js";

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
    const targets = targetsOf(context);
    for (const policy of context.manifests.policies) {
      if (!policy.kind.startsWith("Cilium")) continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr" || PRIVATE_RANGES.some((range) => cidrCovers(peer.cidr, range)))
            continue;
          const hits = targets.filter(
            ({ address, hit }) =>
              hit(peer.cidr) && !peer.except.some((hole) => cidrCovers(hole, address)),
          );
          const where = at(context, policy, peer.place);
          const [first] = hits;
          if (!first || !where) continue;
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} names ${peer.cidr}, which is ${first.what}; Cilium never matches it by a CIDR.`,
            evidence: hits.map(({ evidence }) => evidence),
            fix: first.fix,
            ...(first.entity && hits.length === 1 && rule.peers.length === 1
              ? { operations: entityInstead(where.path, first.entity) }
              : {}),
          };
        }
    }
  },
};

interface Target {
  readonly address: string;
  /** Whether a CIDR is meant for it, and does not merely hold it among many others. */
  readonly hit: (cidr: string) => boolean;
  readonly what: string;
  readonly evidence: Evidence;
  readonly fix: string;
  readonly entity?: string;
}

function targetsOf(context: LintContext): Target[] {
  const { manifests, settings } = context;
  const nodesByCidr = settingText(context, "policy-cidr-match-mode").includes("nodes");
  const nodes = new Set(manifests.nodes.flatMap(({ addresses }) => addresses));
  const targets: Target[] = [];
  const pods = "Select the pods by their labels.";
  const isOne = (address: string) => (cidr: string) => isSingle(cidr) && cidrCovers(cidr, address);
  for (const range of settings.podCidrs)
    targets.push({
      address: range,
      hit: (cidr) => cidrCovers(range, cidr) || cidrCovers(cidr, range),
      what: `in the range ${range} of pods`,
      evidence: {
        kind: "Node",
        namespace: "",
        name: nodeOf(context, range),
        note: `podCIDR ${range}`,
      },
      fix: pods,
    });
  for (const service of manifests.services)
    for (const address of service.clusterAddresses) {
      const apiServer = service.namespace === "default" && service.name === "kubernetes";
      const { kind, namespace, name, place } = { kind: "Service", ...service };
      targets.push({
        address,
        hit: isOne(address),
        what: `the address of Service ${namespace}/${name}`,
        evidence: { kind, namespace, name, place, note: address },
        fix: apiServer
          ? "Use the entity kube-apiserver."
          : "Select the pods behind the Service by their labels.",
        ...(apiServer ? { entity: "kube-apiserver" } : {}),
      });
    }
  for (const pod of context.pods.all)
    for (const address of pod.workload.addresses)
      if (!nodes.has(address))
        targets.push({
          address,
          hit: isOne(address),
          what: `pod ${pod.endpoint.name}`,
          evidence: podEvidence(pod, address),
          fix: pods,
        });
  if (!nodesByCidr)
    for (const node of manifests.nodes)
      for (const address of node.addresses)
        targets.push({
          address,
          hit: isOne(address),
          what: `node ${node.name}`,
          evidence: {
            kind: "Node",
            namespace: "",
            name: node.name,
            place: node.place,
            note: address,
          },
          fix: "Use the entities host and remote-node; for the API server on a node, kube-apiserver.",
        });
  return targets;
}

function isSingle(cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && block.bits === block.base.length * 32;
}

function nodeOf({ manifests }: LintContext, range: string): string {
  return manifests.nodes.find(({ podCidrs }) => podCidrs.includes(range))?.name ?? "";
}

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
