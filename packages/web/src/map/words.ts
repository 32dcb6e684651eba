/** How links and nodes of the map read. */
import type {
  DropOutcome,
  FilterFlag,
  MapEdge,
  MapNode,
  MapPort,
  MapProblem,
} from "@dropscope/model";
import { count, perSecond, plural } from "../lib/format.js";
import { edgeFilter, peerText, portText } from "../lib/peer.js";
import { safe } from "../lib/safe.js";
import { reasonTitle } from "../lib/words.js";
import type { Graph, Link } from "./graph.js";

/** `:8443/TCP, :53/UDP and 3 more`. */
export function portsText(ports: readonly MapPort[], most = 2): string {
  const texts = ports.map((each) => portText(each.port, safe(each.protocol, 12)) || "no port");
  const rest = texts.length - most;
  return rest > 0 ? `${texts.slice(0, most).join(", ")} and ${rest} more` : texts.join(", ");
}

/** `12/s forwarded`, `0.3/s denied, 41 drops`. */
export function rateText(link: Pick<Link, "forwarded" | "dropped" | "drops">): string {
  const parts: string[] = [];
  if (link.forwarded > 0) parts.push(`${perSecond(link.forwarded)} forwarded`);
  if (link.drops > 0) {
    parts.push(`${perSecond(link.dropped)} denied, ${plural(link.drops, "drop")}`);
  }
  return parts.length === 0 ? "nothing in this range" : parts.join("; ");
}

/** The number on a denied link; nothing on another one. */
export function dropsText({ drops }: Pick<Link, "drops">): string {
  if (drops === 0) return "";
  return drops < 100_000 ? count(drops) : `${count(drops / 1000)}k`;
}

export function nodeText(nodes: ReadonlyMap<string, MapNode>, id: string): string {
  const node = nodes.get(id);
  return node ? peerText(node.peer) : "unknown";
}

/** All ports of a link, the busiest first. */
export function portsOf(edges: readonly MapEdge[]): MapPort[] {
  const found = new Map<string, MapPort>();
  for (const port of edges.flatMap((edge) => edge.ports)) {
    const key = `${port.port}/${port.protocol}`;
    const before = found.get(key);
    found.set(key, {
      ...port,
      forwarded: (before?.forwarded ?? 0) + port.forwarded,
      dropped: (before?.dropped ?? 0) + port.dropped,
    });
  }
  return [...found.values()].sort(
    (a, b) => b.dropped - a.dropped || b.forwarded - a.forwarded || a.port - b.port,
  );
}

/** The filter line for everything between two ends. */
export function pairFilter(
  nodes: ReadonlyMap<string, MapNode>,
  edge: Pick<MapEdge, "from" | "to">,
  flags: readonly FilterFlag[],
): string {
  const unknown = { kind: "unknown", namespace: "", name: "" } as const;
  return edgeFilter(
    {
      id: "",
      source: nodes.get(edge.from)?.peer ?? unknown,
      destination: nodes.get(edge.to)?.peer ?? unknown,
      protocol: "",
      port: 0,
      direction: "",
      verdict: "",
      reason: "",
      count: 0,
      rate: 0,
      firstSeen: 0,
      lastSeen: 0,
    },
    flags,
  );
}

/** What the picture says, in one sentence. */
export function mapSentence(graph: Graph): { wrong: boolean; text: string; rest: string } {
  const { denied, drops } = graph;
  const namespaces = graph.groups.filter(({ namespace }) => namespace);
  const members = namespaces.reduce((sum, group) => sum + group.size, 0);
  const where = `${plural(members, "workload")} in ${plural(namespaces.length, "namespace")}`;
  return denied === 0
    ? { wrong: false, text: "Nobody was denied", rest: where }
    : {
        wrong: true,
        text: `${plural(denied, "connection")} denied, ${plural(drops, "drop")}`,
        rest: where,
      };
}

const CAUSES: Record<DropOutcome, string> = {
  "default-deny": "no rule allows it",
  "denied-by-rule": "a deny rule forbids it",
  "l7-denied": "the proxy refuses it",
  "auth-required": "it is not authenticated",
  "not-policy": "",
  "policy-changed": "a policy was changing",
  unexplained: "unexplained",
};

/**
 * `:9464/TCP, no rule allows it (ingress)`; with the ends in front where they differ, and the drop
 * reason where no policy decided. By id.
 */
export function problemsText(problems: readonly MapProblem[]): Map<string, string> {
  const ends = (one: MapProblem): string =>
    `${peerText(one.source)} → ${peerText(one.destination)}`;
  const differ = new Set(problems.map(ends)).size > 1;
  return new Map(
    problems.map((one) => {
      const port = portText(one.port, safe(one.protocol, 12));
      const cause = CAUSES[one.outcome] || reasonTitle(one.reason);
      const direction = one.direction === "" ? "" : ` (${one.direction})`;
      const what = [differ ? [ends(one), port].filter(Boolean).join(" ") : port, cause];
      return [one.id, `${what.filter(Boolean).join(", ")}${direction}`];
    }),
  );
}
