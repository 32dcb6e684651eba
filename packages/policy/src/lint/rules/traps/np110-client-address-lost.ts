import { parseCidr } from "../../../match/cidr.js";
import { matchesPorts } from "../../../match/port.js";
import { rulesIn } from "../../../match/rules.js";
import type { Service } from "../../../objects.js";
import type { Peer, Policy } from "../../../policy.js";
import { cidrsOverlap, PRIVATE_RANGES } from "../../compare/cidrs.js";
import {
  admits,
  isOutside,
  serviceEvidence,
  type Target,
  targetsOf,
} from "../../context/admission.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { record, text } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP110: LintRule = {
  id: "NP110",
  title: "Block of client addresses behind a Service that hides them",
  severity: "high",
  needs: "cluster",
  help: {
    why: "With `externalTrafficPolicy: Cluster`, the default, connections from outside arrive with the address of a node. A block of the clients' addresses never matches.",
    fix: "Set `externalTrafficPolicy: Local` on the Service, let the load balancer hand the address on, or allow the nodes' addresses and restrict clients at the load balancer.",
  },
  *check(context) {
    const seen = new Set<Peer>();
    for (const service of context.manifests.services) {
      if (!hidesClients(context, service)) continue;
      for (const target of targetsOf(service, context.pods.behind(service))) {
        const policies = context.pods.policiesOf(target.pod);
        if (admits(policies, target, (peer) => mayBeNode(context, peer))) continue;
        for (const { policy, rule, peer } of clientBlocks(policies, target)) {
          const where = seen.has(peer) ? undefined : at(context, policy, peer.place);
          if (!where) continue;
          seen.add(peer);
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} allows ${peer.cidr}, but through Service ${service.namespace}/${service.name} (externalTrafficPolicy ${service.externalTrafficPolicy ?? "Cluster"}) clients arrive with the address of a node.`,
            evidence: [serviceEvidence(service, service.type), podEvidence(target.pod)],
          };
        }
      }
    }
  },
};

/** Load balancers that send to the pods themselves keep the clients' addresses. */
const TO_PODS = [
  "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type",
  "service.beta.kubernetes.io/aws-load-balancer-target-type",
];

function hidesClients({ objects }: LintContext, service: Service): boolean {
  const { type, externalTrafficPolicy, namespace, name } = service;
  if (type !== "NodePort" && type !== "LoadBalancer") return false;
  if (externalTrafficPolicy === "Local") return false;
  const metadata = record(objects.get("Service", namespace, name)?.value["metadata"]);
  const annotations = record(metadata["annotations"]);
  return !TO_PODS.some((key) => text(annotations[key]) === "ip");
}

type CidrPeer = Extract<Peer, { of: "cidr" }>;

function* clientBlocks(policies: readonly Policy[], { pod, protocol, port }: Target) {
  for (const policy of policies)
    for (const rule of rulesIn(policy, "ingress")) {
      if (rule.action !== "allow" || rule.peers === "any") continue;
      if (!matchesPorts(rule, protocol, port, pod.endpoint)) continue;
      for (const peer of rule.peers) if (isClientBlock(peer)) yield { policy, rule, peer };
    }
}

/** Addresses of the internet; a block of everything is no list of clients. */
function isClientBlock(peer: Peer): peer is CidrPeer {
  return peer.of === "cidr" && (parseCidr(peer.cidr)?.bits ?? 0) > 0 && !isPrivate(peer.cidr);
}

function mayBeNode({ settings }: LintContext, peer: Peer): boolean {
  if (!isOutside(peer)) return false;
  if (peer.of === "entity") return peer.entity !== "kube-apiserver";
  if (peer.of !== "cidr") return true;
  if (parseCidr(peer.cidr)?.bits === 0) return true;
  return settings.nodeCidrs.length > 0
    ? settings.nodeCidrs.some((node) => cidrsOverlap(peer.cidr, node))
    : isPrivate(peer.cidr);
}

function isPrivate(cidr: string): boolean {
  return [...PRIVATE_RANGES, "100.64.0.0/10", "fc00::/7"].some((range) =>
    cidrsOverlap(cidr, range),
  );
}
