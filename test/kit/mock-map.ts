/** Traffic of a small shop, or of as many workloads as asked for, as the map's answer. */
import type { MapAnswer, MapEdge, MapNode, MapProblem, Peer } from "@dropscope/model";
import { random, wholeCoverage } from "./mock-cluster.js";

const idOf = ({ kind, namespace, name }: Peer): string => `${kind}|${namespace}|${name}`;
const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const entity = (name: string): Peer => ({ kind: "entity", namespace: "", name });

type Line = [
  from: Peer,
  to: Peer,
  port: number,
  forwarded: number,
  drops: number,
  kind?: MapEdge["kind"],
];

/** Seconds that the answer covers. */
const SPAN = 900;

function answerOf(lines: readonly Line[], from: number): MapAnswer {
  const edges = lines.map(([client, server, port, forwarded, drops, kind], index): MapEdge => {
    const dropped = drops / SPAN;
    const protocol = port === 53 ? "UDP" : "TCP";
    return {
      id: `${idOf(client)}→${idOf(server)}`,
      from: idOf(client),
      to: idOf(server),
      forwarded,
      dropped,
      drops,
      ports: [{ protocol, port, forwarded, dropped }],
      kind: kind ?? "other",
      problems: drops > 0 ? [index.toString(16).padStart(16, "a")] : [],
    };
  });
  const peers = new Map(lines.flatMap(([a, b]) => [a, b]).map((peer) => [idOf(peer), peer]));
  const nodes = [...peers].map(([id, peer]): MapNode => {
    const own = edges.filter((edge) => edge.from === id || edge.to === id);
    return {
      id,
      peer,
      forwarded: own.reduce((sum, edge) => sum + edge.forwarded, 0),
      dropped: own.reduce((sum, edge) => sum + edge.dropped, 0),
      problems: own.flatMap((edge) => edge.problems),
    };
  });
  const problems = lines.flatMap(([source, destination], index): MapProblem[] => {
    const edge = edges[index];
    const [id] = edge?.problems ?? [];
    const [first] = edge?.ports ?? [];
    if (id === undefined || first === undefined) return [];
    const { protocol, port } = first;
    return [
      {
        id,
        source,
        destination,
        protocol,
        port,
        direction: "ingress",
        outcome: "default-deny",
        reason: "POLICY_DENIED",
        folded: "",
      },
    ];
  });
  return {
    from,
    to: from + SPAN * 1000,
    nodes,
    edges,
    problems,
    left: 0,
    coverage: wholeCoverage(from + SPAN * 1000),
  };
}

export function shopMap(now = Date.now()): MapAnswer {
  const ingress = workload("ingress-nginx", "ingress-nginx-controller");
  const web = workload("web", "frontend");
  const cart = workload("web", "cart");
  const search = workload("web", "search-suggestions");
  const api = workload("payments", "payments-api");
  const ledger = workload("payments", "ledger-reconciliation-worker");
  const db = workload("payments", "postgres");
  const dns = workload("kube-system", "coredns");
  const prom = workload("monitoring", "prometheus-server");
  const stripe: Peer = { kind: "name", namespace: "", name: "api.stripe.com" };
  const sns: Peer = { kind: "name", namespace: "", name: "sns.eu-west-1.amazonaws.com" };
  const ip: Peer = { kind: "ip", namespace: "", name: "52.94.5.101" };
  return answerOf(
    [
      [entity("world"), ingress, 443, 210, 0],
      [ingress, web, 8080, 190, 0],
      [web, cart, 8080, 64, 0],
      [web, search, 9000, 22, 0],
      [web, api, 8443, 31, 0],
      [cart, api, 8443, 12, 1204],
      [api, db, 5432, 88, 0],
      [api, ledger, 9090, 3, 0],
      [ledger, db, 5432, 0.4, 0],
      [api, stripe, 443, 4.2, 0],
      [ledger, sns, 443, 0, 97],
      [cart, ip, 443, 0, 41],
      [prom, api, 9464, 0, 180],
      [prom, web, 9464, 0.2, 0],
      [prom, ingress, 10254, 0.2, 0],
      [entity("host"), web, 8080, 0.6, 0, "host"],
      [entity("host"), api, 8443, 0.6, 0, "host"],
      [entity("remote-node"), dns, 8181, 0.4, 0, "host"],
      [web, dns, 53, 12, 0, "dns"],
      [cart, dns, 53, 0, 322, "dns"],
      [api, dns, 53, 9, 0, "dns"],
      [ledger, dns, 53, 0.1, 0, "dns"],
      [dns, entity("kube-apiserver"), 6443, 0.3, 0],
    ],
    now - SPAN * 1000,
  );
}

/** `size` workloads in `size / 12` namespaces, each with three servers. */
export function largeMap(size: number, now = Date.now()): MapAnswer {
  const next = random(size);
  const peers = Array.from({ length: size }, (_, index) =>
    workload(`team-${String(Math.floor(index / 12)).padStart(2, "0")}`, `service-${index}`),
  );
  const lines: Line[] = [];
  peers.forEach((peer, index) => {
    for (let each = 0; each < 3; each++) {
      const near = next() < 0.7 ? Math.floor(next() * 12) : Math.floor(next() * size);
      const server = peers[(near + Math.floor(index / 12) * 12) % size];
      if (server && server !== peer) {
        lines.push([peer, server, 8080, next() * 40, next() < 0.02 ? Math.ceil(next() * 900) : 0]);
      }
    }
  });
  return answerOf(lines, now - SPAN * 1000);
}
