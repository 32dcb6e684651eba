import type { Connection, SideExplanation } from "@dropscope/policy";
import { isForEverybody, ruleFor } from "./allow.js";
import type { Candidate } from "./candidate.js";
import { peerText, tellingLabels } from "./peer.js";
import { portText } from "./ports.js";

/**
 * A policy of its own beside those that deny by default: where only policies for everybody
 * select the pod, or none has a word for the other end.
 */
export function newPolicyCandidates(side: SideExplanation, connection: Connection): Candidate[] {
  const { endpoint, direction } = side;
  const labels = tellingLabels(endpoint);
  if (labels === undefined || endpoint.kind !== "pod") return [];
  const isolating = side.policies.filter(({ isolates }) => isolates);
  const cilium = isolating.some(({ policy }) => policy.kind.startsWith("Cilium"));
  const kinds = cilium ? ["CiliumNetworkPolicy"] : ["NetworkPolicy", "CiliumNetworkPolicy"];
  for (const kind of kinds) {
    const peer = peerText(side.peer, kind, endpoint.namespace, direction === "egress");
    const port = portText(connection);
    const rule = peer && ruleFor(kind, side, peer, port);
    if (peer === undefined || rule === undefined) continue;
    const name = nameOf(Object.values(labels)[0] ?? "pods", direction, connection);
    const isNetwork = kind === "NetworkPolicy";
    const object = {
      apiVersion: isNetwork ? "networking.k8s.io/v1" : "cilium.io/v2",
      kind,
      metadata: { name, namespace: endpoint.namespace },
      spec: isNetwork
        ? {
            podSelector: { matchLabels: labels },
            policyTypes: [direction === "egress" ? "Egress" : "Ingress"],
            [direction]: [rule],
          }
        : { endpointSelector: { matchLabels: labels }, [direction]: [rule] },
    };
    const only = isolating.every(({ policy }) => isForEverybody(policy));
    return [
      {
        policy: { kind: kind as "NetworkPolicy", namespace: endpoint.namespace, name },
        object,
        title: `Add ${kind} ${name}`,
        effect: only
          ? `It is about ${endpoint.namespace}/${Object.values(labels).join("/")} alone; the policies that deny by default stay as they are.`
          : "The policies that are there stay as they are.",
      },
    ];
  }
  return [];
}

function nameOf(app: string, direction: string, { protocol, port }: Connection): string {
  const text = `${app}-${direction}-${protocol}-${port}`.toLowerCase();
  return text.replace(/[^a-z0-9-]+/g, "-").replace(/^-+|-+$/g, "");
}
