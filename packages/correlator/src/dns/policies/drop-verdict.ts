import type { DropExplanation, PolicyName } from "@dropscope/model";
import {
  type Connection,
  type Direction,
  type Endpoint,
  isDenial,
  matchesPeers,
  matchesPorts,
  podEndpoint,
  type Protocol,
} from "@dropscope/policy";
import { type Case } from "../../explain/case.js";
import { NODE_LOCAL_ADDRESSES, type DnsServer } from "../read/servers.js";

/** What the policies say about a dropped query. */
export interface DropVerdict {
  /** `other`: no policy did it, or nobody can tell which. */
  readonly outcome: "default-deny" | "denied" | "other";
  /** Whose policies decided; the explanation knows it where the flow does not say. */
  readonly direction: Direction;
  readonly policies: readonly PolicyName[];
  /** A rule that would allow it but for one clause, which is told; empty when there is none. */
  readonly nearest: string;
  /** The server is asked for names on this port. */
  readonly isDnsPort: boolean;
  /** The same over UDP would pass. */
  readonly udpAllowed: boolean;
  /** The same on port 53 would pass. */
  readonly port53Allowed: boolean;
  /** A policy that allows DNS to the pods of kube-dns, which the node-local cache is none of. */
  readonly allowsPods: PolicyName | undefined;
}

interface Asked {
  readonly server: DnsServer;
  readonly port: number;
  readonly direction: Direction;
  readonly protocol: "UDP" | "TCP";
}

export function judgeDrop(one: Case, why: DropExplanation, asked: Asked): DropVerdict {
  const { server, port, direction, protocol } = asked;
  const outcome = OUTCOMES[why.outcome] ?? "other";
  const named = outcome === "denied" && why.denying.length > 0 ? why.denying : why.selecting;
  const isDnsPort = port === 53 || port === 5353 || isTargetOf53(one, protocol, port);
  const passes = (other: Protocol, at: number): boolean => allows(one, direction, other, at);
  return {
    outcome,
    direction,
    policies: named.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
    nearest: nearestText(why),
    isDnsPort,
    udpAllowed: outcome === "default-deny" && protocol === "TCP" && passes("UDP", port),
    port53Allowed: outcome === "default-deny" && port !== 53 && passes(protocol, 53),
    allowsPods: isNodeLocal(server, one) ? allowingPods(one, protocol) : undefined,
  };
}

const OUTCOMES: Partial<Record<DropExplanation["outcome"], DropVerdict["outcome"]>> = {
  "default-deny": "default-deny",
  "denied-by-rule": "denied",
};

/** Whether the policies of one end would let it pass. */
function allows(one: Case, direction: Direction, protocol: Protocol, port: number): boolean {
  if (one.from.known === "not" || one.to.known === "not") return false;
  return !isDenial(
    one.moment.explain(connectionOf(one, direction, protocol, port))[direction].outcome,
  );
}

/** The end whose node dropped it is an endpoint of this cluster. */
function connectionOf(
  { from, to }: Case,
  direction: Direction,
  protocol: Protocol,
  port: number,
): Connection {
  const local = (endpoint: Endpoint): Endpoint => ({ ...endpoint, local: true });
  return {
    from: direction === "egress" ? local(from.endpoint) : from.endpoint,
    to: direction === "ingress" ? local(to.endpoint) : to.endpoint,
    protocol,
    port,
  };
}

/** Whether a Service of the resolver sends its port 53 to this port of the pods. */
function isTargetOf53({ moment, to }: Case, protocol: "UDP" | "TCP", port: number): boolean {
  const { services } = moment.context(to.endpoint);
  return services.some(
    (service) =>
      service.namespace === to.endpoint.namespace &&
      service.ports.some(({ port: own, protocol: carried, targetPort }) => {
        if (own !== 53 || carried !== protocol) return false;
        if (typeof targetPort === "number") return targetPort === port;
        return to.endpoint.ports.some(
          (named) =>
            named.name === targetPort && named.protocol === protocol && named.port === port,
        );
      }),
  );
}

function isNodeLocal(server: DnsServer, { to }: Case): boolean {
  const isCacheAddress = to.endpoint.addresses.some((address) =>
    NODE_LOCAL_ADDRESSES.includes(address),
  );
  // Pods of the host network are their node: no selector of pods means them.
  return isCacheAddress || (server.kind === "node-local" && to.endpoint.kind !== "pod");
}

const DNS_PODS = [
  { "k8s-app": "kube-dns" },
  { "k8s-app": "kube-dns", "app.kubernetes.io/name": "coredns" },
  { "k8s-app": "kube-dns", "eks.amazonaws.com/component": "coredns" },
  { "k8s-app": "coredns", "app.kubernetes.io/name": "rke2-coredns" },
];

function allowingPods({ from, moment }: Case, protocol: "UDP" | "TCP"): PolicyName | undefined {
  const subject = { ...from.endpoint, local: true };
  const context = moment.context(subject);
  const { cluster } = moment.profile;
  const labels = moment.view.namespaceLabels("kube-system");
  const pods = DNS_PODS.map((own) =>
    podEndpoint(
      { name: "kube-system/kube-dns", namespace: "kube-system", labels: own },
      labels,
      cluster,
    ),
  );
  for (const policy of moment.selecting(subject, "egress"))
    for (const rule of policy.rules) {
      if (rule.direction !== "egress" || rule.action !== "allow" || rule.peers === "any") continue;
      const allowed = pods.some(
        (pod) => matchesPorts(rule, protocol, 53, pod) && matchesPeers(rule, pod, context),
      );
      if (allowed) return { kind: policy.kind, namespace: policy.namespace, name: policy.name };
    }
  return undefined;
}

function nearestText({ nearest }: DropExplanation): string {
  const [failed, ...others] = nearest?.failed ?? [];
  // A rule of which more than that fails is about something else.
  if (nearest === null || failed === undefined || others.length > 0) return "";
  const { part, wanted, got } = failed;
  return `${nearest.rule} of ${nearest.policy}: ${part} wants ${wanted}, got ${got}`;
}
