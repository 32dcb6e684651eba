import type { Connection, SideExplanation } from "@dropscope/policy";
import { isForEverybody, ruleFor } from "./allow.js";
import { type Candidate, ORDER } from "./candidate.js";
import type { Naming } from "./naming.js";
import { peerText } from "./peer.js";
import { portText } from "./ports.js";

/**
 * A policy of its own beside those that deny by default: where only policies for everybody
 * select the pod, or none has a word for the other end.
 * @param isTaken whether an object of that kind has the name already
 */
export function newPolicyCandidates(
  side: SideExplanation,
  connection: Connection,
  naming: Naming,
  isTaken: (kind: string, namespace: string, name: string) => boolean,
): Candidate[] {
  const { endpoint, direction } = side;
  const labels = naming.labelsFor(endpoint);
  if (endpoint.kind !== "pod" || endpoint.namespace === "") return [];
  const isolating = side.policies.filter(({ isolates }) => isolates);
  const cilium = isolating.some(({ policy }) => policy.kind.startsWith("Cilium"));
  const kinds = cilium
    ? (["CiliumNetworkPolicy"] as const)
    : (["NetworkPolicy", "CiliumNetworkPolicy"] as const);
  for (const kind of kinds) {
    const peer = peerText(side.peer, kind, endpoint.namespace, direction === "egress", naming);
    const port = portText(connection);
    const rule = peer && ruleFor(kind, side, peer, port);
    if (peer === undefined || rule === undefined) continue;
    const base = nameFor(Object.values(labels ?? {})[0] ?? "pods", direction, connection);
    let name = base;
    for (let at = 2; isTaken(kind, endpoint.namespace, name); at++) name = `${base}-${at}`;
    const isNetwork = kind === "NetworkPolicy";
    const selector = labels === undefined ? {} : { matchLabels: labels };
    const object = {
      apiVersion: isNetwork ? "networking.k8s.io/v1" : "cilium.io/v2",
      kind,
      metadata: { name, namespace: endpoint.namespace },
      spec: isNetwork
        ? {
            podSelector: selector,
            policyTypes: [direction === "egress" ? "Egress" : "Ingress"],
            [direction]: [rule],
          }
        : { endpointSelector: selector, [direction]: [rule] },
    };
    const only = isolating.every(({ policy }) => isForEverybody(policy));
    return [
      {
        kind: "new-policy",
        policy: { kind, namespace: endpoint.namespace, name },
        object,
        title: `Add ${kind} ${name}`,
        effect: only
          ? `It is about ${endpoint.namespace}/${Object.values(labels ?? {}).join("/") || "*"} alone; the policies that deny by default stay as they are.`
          : "The policies that are there stay as they are.",
        order: ORDER.policy,
      },
    ];
  }
  return [];
}

/** Names of objects are DNS names of 253 characters; values of labels have 63. */
function nameFor(app: string, direction: string, { protocol, port }: Connection): string {
  const text = `${app}-${direction}-${protocol}-${port}`.toLowerCase();
  return text.replace(/[^a-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
}
