/** A believable cluster for the page's own tests: seeded rows, edges and coverage in the shapes of the contract. */
import type { Coverage, Edge, FlowRow, Peer, VerdictCount } from "@dropscope/model";

/** Small and fast, and the same everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const WEB = workload("web", "frontend");
const API = workload("payments", "payments-api");
const DB = workload("payments", "postgres");
const LEDGER = workload("payments", "ledger-reconciliation-worker");
const DNS = workload("kube-system", "coredns");
const PROM = workload("monitoring", "prometheus-server");
const CART = workload("web", "cart");
const WORLD: Peer = { kind: "entity", namespace: "", name: "world" };
const HOST: Peer = { kind: "entity", namespace: "", name: "host" };
const STRIPE: Peer = { kind: "name", namespace: "", name: "api.stripe.com" };
const SNS: Peer = { kind: "name", namespace: "", name: "sns.eu-west-1.amazonaws.com" };
const ADDRESS: Peer = { kind: "ip", namespace: "", name: "52.94.5.101" };

interface Talk {
  weight: number;
  source: Peer;
  destination: Peer;
  port: number;
  protocol: string;
  verdict: string;
  reason: string;
  event: string;
  type: string;
  direction: string;
  summary: string;
}

function talk(
  weight: number,
  source: Peer,
  destination: Peer,
  port: number,
  more: Partial<Talk> = {},
): Talk {
  return {
    weight,
    source,
    destination,
    port,
    protocol: "TCP",
    verdict: "FORWARDED",
    reason: "",
    event: "to-endpoint",
    type: "L3_L4",
    direction: "INGRESS",
    summary: "TCP Flags: ACK, PSH",
    ...more,
  };
}

const denied = (reason: string, direction = "INGRESS"): Partial<Talk> => ({
  verdict: "DROPPED",
  reason,
  event:
    reason === "POLICY_DENY"
      ? "policy-verdict:L4-Only"
      : reason === "POLICY_DENIED"
        ? "policy-verdict:none"
        : reason,
  direction,
  summary: "TCP Flags: SYN",
});

const TALKS: Talk[] = [
  talk(30, WEB, CART, 8080),
  talk(26, CART, API, 8443, {
    event: "http-request",
    type: "L7",
    verdict: "REDIRECTED",
    summary: "HTTP/1.1 POST /v1/charge",
  }),
  talk(24, API, DB, 5432),
  talk(22, WEB, DNS, 53, {
    protocol: "UDP",
    event: "dns-request proxy",
    type: "L7",
    summary: "DNS Query cart.web.svc.cluster.local. A",
  }),
  talk(14, WORLD, WEB, 443, { event: "to-endpoint" }),
  talk(8, API, STRIPE, 443, { direction: "EGRESS", event: "to-stack" }),
  talk(6, HOST, CART, 8080, { summary: "TCP Flags: SYN" }),
  talk(4, PROM, CART, 9090, {
    verdict: "AUDIT",
    event: "policy-verdict:none AUDITED",
    summary: "TCP Flags: SYN",
  }),
  talk(1, API, SNS, 443, {
    verdict: "ERROR",
    event: "http-response",
    type: "L7",
    summary: "HTTP/1.1 502 12ms (POST /topics)",
  }),
];

const DENIED: Talk[] = [
  talk(9, WEB, API, 8443, denied("POLICY_DENIED")),
  talk(5, PROM, API, 9102, denied("POLICY_DENIED")),
  talk(4, LEDGER, DNS, 53, {
    ...denied("POLICY_DENIED", "EGRESS"),
    protocol: "UDP",
    summary: "UDP",
  }),
  talk(3, API, ADDRESS, 443, denied("POLICY_DENIED", "EGRESS")),
  talk(2, CART, DB, 5432, denied("POLICY_DENY")),
  talk(1, WORLD, WEB, 22, denied("POLICY_DENY")),
  talk(0.8, LEDGER, API, 8443, denied("AUTH_REQUIRED")),
  talk(0.6, HOST, DB, 5432, {
    ...denied("CT_MAP_INSERTION_FAILED"),
    event: "CT_MAP_INSERTION_FAILED",
  }),
  talk(0.4, WEB, SNS, 443, denied("POLICY_DENIED", "EGRESS")),
  talk(0.3, PROM, HOST, 9100, denied("STALE_OR_UNROUTABLE_IP", "EGRESS")),
];

export const NODES = ["prod/node-a", "prod/node-b", "prod/node-c"];

function pick(list: readonly Talk[], next: () => number): Talk {
  let left = next() * list.reduce((sum, each) => sum + each.weight, 0);
  for (const each of list) {
    left -= each.weight;
    if (left <= 0) return each;
  }
  return list[0] as Talk;
}

export interface Cluster {
  /** One flow at `ms`; a drop when `drop`. */
  row(ms: number, drop: boolean): FlowRow;
  edges(now: number, scale: number): Edge[];
  verdicts(scale: number, drops: boolean): VerdictCount[];
}

export function createCluster(seed: number): Cluster {
  const next = random(seed);
  let serial = 0;
  const hex = (length: number): string =>
    Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join("");
  const ip = (): string => `10.0.${Math.floor(next() * 3)}.${1 + Math.floor(next() * 250)}`;
  return {
    row(ms, drop) {
      const found = pick(drop ? DENIED : TALKS, next);
      const reply = !drop && next() < 0.35;
      const podOf = (peer: Peer): string =>
        peer.kind === "workload" ? `${peer.name}-${hex(9)}-${hex(5)}` : "";
      const ns = BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.floor(next() * 1e6));
      const client = 32_768 + Math.floor(next() * 28_000);
      const from = reply ? found.destination : found.source;
      const to = reply ? found.source : found.destination;
      return {
        uuid: `00000000-0000-4000-8000-${String(serial++).padStart(12, "0")}`,
        timeNs: String(ns),
        node: NODES[Math.floor(next() * NODES.length)] ?? "",
        verdict: found.verdict,
        reason: found.reason,
        type: found.type,
        event: found.event,
        direction: found.direction,
        reply: drop ? "unknown" : reply ? "yes" : "no",
        protocol: found.protocol,
        source: from,
        sourceIp: ip(),
        sourcePort: reply ? found.port : client,
        sourcePod: podOf(from),
        sourceIdentity: from.kind === "entity" ? 2 : 20_000 + Math.floor(next() * 9000),
        destination: to,
        destinationIp: ip(),
        destinationPort: reply ? client : found.port,
        destinationPod: podOf(to),
        destinationIdentity: to.kind === "entity" ? 2 : 20_000 + Math.floor(next() * 9000),
        summary: found.summary,
        policies: found.reason === "POLICY_DENY" ? ["payments/deny-legacy"] : [],
      };
    },
    edges(now, scale) {
      return DENIED.map((each, index) => ({
        id: `edge-${index}`,
        source: each.source,
        destination: each.destination,
        protocol: each.protocol,
        port: each.port,
        direction: each.direction,
        verdict: each.verdict,
        reason: each.reason,
        count: Math.max(1, Math.round(each.weight * scale)),
        rate: Math.round(each.weight * scale) / 90,
        firstSeen: now - (index === 2 ? 70_000 : 14 * 60_000 - index * 30_000),
        lastSeen: now - 1500 - index * index * 4000,
      }));
    },
    verdicts(scale, drops) {
      const counts = new Map<string, number>();
      for (const each of [...TALKS, ...(drops ? DENIED : [])]) {
        counts.set(each.verdict, (counts.get(each.verdict) ?? 0) + Math.round(each.weight * scale));
      }
      return [...counts].map(([verdict, count]) => ({ verdict, count }));
    },
  };
}

export function wholeCoverage(now: number): Coverage {
  return {
    now,
    source: {
      kind: "relay",
      address: "hubble-relay.kube-system.svc.cluster.local:80",
      state: "ok",
      message: "",
    },
    nodes: { connected: 3, total: 3, unavailable: [] },
    lost: { recent: 0, total: 0 },
    lagMs: 320,
    flowsPerSecond: 1204,
    store: { state: "ok", message: "", waiting: 0, quarantined: 0 },
  };
}
