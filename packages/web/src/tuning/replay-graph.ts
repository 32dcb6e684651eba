/** The map of a range with what a candidate would change. Pure. */
import type { MapAnswer, MapEdge, MapNode, MapPort, Peer, ReplayGroup } from "@dropscope/model";
import type { Graph } from "../map/graph.js";
import { plural } from "../lib/format.js";

/** What a line of the picture says beyond its rate. */
export interface ReplayMark {
  readonly denied: number;
  readonly allowed: number;
}

export interface ReplayMap {
  readonly answer: MapAnswer;
  /** By id of an edge. */
  readonly marks: ReadonlyMap<string, ReplayMark>;
}

const keyOf = ({ kind, namespace, name }: Peer): string => `${kind}|${namespace}|${name}`;

/** Of what passes so little is left that it is rounding, not traffic. */
const RESIDUE = 0.02;

/**
 * What passes now as it is, what would be denied as drops, what would be allowed as traffic with a mark.
 * What is denied before and after is not drawn: no line stands for two things.
 */
export function replayMap(base: MapAnswer, groups: readonly ReplayGroup[]): ReplayMap {
  const seconds = Math.max(1, (base.to - base.from) / 1000);
  const nodes = new Map<string, MapNode>(base.nodes.map((node) => [keyOf(node.peer), node]));
  const idOf = (peer: Peer): string => {
    const key = keyOf(peer);
    const known = nodes.get(key);
    if (known) return known.id;
    nodes.set(key, { id: key, peer, forwarded: 0, dropped: 0, problems: [] });
    return key;
  };
  const edges = new Map<string, MapEdge>();
  for (const edge of base.edges) {
    if (edge.forwarded <= 0) continue;
    const ports = edge.ports
      .filter(({ forwarded }) => forwarded > 0)
      .map((port) => Object.assign({}, port, { dropped: 0 }));
    edges.set(`${edge.from} ${edge.to}`, { ...edge, dropped: 0, drops: 0, problems: [], ports });
  }
  const marks = new Map<string, ReplayMark>();
  for (const group of groups) {
    const [from, to] = [idOf(group.client), idOf(group.server)];
    const key = `${from} ${to}`;
    const edge = changed(edges.get(key) ?? noEdge(from, to), group, group.flows / seconds);
    edges.set(key, edge);
    const mark = marks.get(edge.id) ?? { denied: 0, allowed: 0 };
    marks.set(
      edge.id,
      group.change === "newly-denied"
        ? { ...mark, denied: mark.denied + group.flows }
        : { ...mark, allowed: mark.allowed + group.flows },
    );
  }
  const used = new Set([...edges.values()].flatMap(({ from, to }) => [from, to]));
  return {
    answer: {
      ...base,
      nodes: [...nodes.values()].filter(({ id }) => used.has(id)),
      edges: [...edges.values()],
      problems: [],
    },
    marks,
  };
}

function noEdge(from: string, to: string): MapEdge {
  const rates = { forwarded: 0, dropped: 0, drops: 0, ports: [], problems: [] };
  return { id: `replay ${from} ${to}`, from, to, kind: "other", ...rates };
}

function changed(edge: MapEdge, group: ReplayGroup, rate: number): MapEdge {
  const isIt = (port: MapPort): boolean =>
    port.port === group.port && port.protocol === group.protocol;
  const { port, protocol } = group;
  const before = edge.ports.find(isIt) ?? { port, protocol, forwarded: 0, dropped: 0 };
  const denied = group.change === "newly-denied";
  const left = Math.max(0, before.forwarded - rate);
  const after: MapPort = {
    ...before,
    forwarded: denied ? (left < before.forwarded * RESIDUE ? 0 : left) : before.forwarded + rate,
    dropped: before.dropped + (denied ? rate : 0),
  };
  const ports = [...edge.ports.filter((each) => !isIt(each)), after];
  return {
    ...edge,
    ports,
    forwarded: ports.reduce((sum, each) => sum + each.forwarded, 0),
    dropped: edge.dropped + (denied ? rate : 0),
    drops: edge.drops + (denied ? group.flows : 0),
  };
}

/** Marks by link: a folded namespace has those of all its edges. */
export function linkMarks(
  graph: Graph,
  marks: ReadonlyMap<string, ReplayMark>,
): Map<string, ReplayMark> {
  const found = new Map<string, ReplayMark>();
  for (const link of graph.links) {
    const own = link.edges.flatMap(({ id }) => marks.get(id) ?? []);
    if (own.length === 0) continue;
    found.set(link.id, {
      denied: own.reduce((sum, { denied }) => sum + denied, 0),
      allowed: own.reduce((sum, { allowed }) => sum + allowed, 0),
    });
  }
  return found;
}

/** `41 flows would be denied, 3 would be allowed`. */
export function markText({ denied, allowed }: ReplayMark): string {
  return [
    denied > 0 ? `${plural(denied, "flow")} would be denied` : "",
    allowed > 0 ? `${plural(allowed, "flow")} would be allowed` : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}
