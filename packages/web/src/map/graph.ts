/** What the map draws: groups that are open or folded, and links between what is visible. Pure. */
import type { MapAnswer, MapEdge, MapNode, Peer } from "@dropscope/model";
import { peerText } from "../lib/peer.js";

export interface Switches {
  dns: boolean;
  host: boolean;
  deniedOnly: boolean;
  /** Keys of groups that the reader folded or opened; the others are as they start. */
  folded: ReadonlySet<string>;
  opened: ReadonlySet<string>;
}

/** A node or a folded group. */
export interface Item {
  id: string;
  group: string;
  peer: Peer | undefined;
  label: string;
  forwarded: number;
  dropped: number;
  problems: readonly string[];
}

export interface Group {
  key: string;
  label: string;
  folded: boolean;
  /** Nodes that it holds, folded or not. */
  size: number;
  items: Item[];
  namespace: boolean;
}

export interface Link {
  id: string;
  from: string;
  to: string;
  /** Flows per second. */
  forwarded: number;
  dropped: number;
  /** Dropped flows in the range. */
  drops: number;
  edges: MapEdge[];
  problems: readonly string[];
}

export interface Graph {
  groups: Group[];
  links: Link[];
  /** Nodes before anything was left out. */
  nodes: number;
  dns: number;
  host: number;
  /** Connections that are shown or folded away and were denied, and their drops. */
  denied: number;
  drops: number;
}

/** Above so many nodes every group starts folded; a group of more than `GROUP_MOST` always does. */
export const MOST_NODES = 300;
export const GROUP_MOST = 30;

const NODE_ENTITIES = new Set([
  "host",
  "remote-node",
  "kube-apiserver",
  "health",
  "init",
  "cluster",
]);

/**
 * A namespace is one group. What has none stands apart by its role, because the world that asks and
 * the world that is asked are two places in a picture that reads from left to right.
 */
export function groupOf(peer: Peer, role: "from" | "to"): { key: string; label: string } {
  if (peer.namespace !== "") return { key: peer.namespace, label: peer.namespace };
  if (peer.kind === "entity" && NODE_ENTITIES.has(peer.name)) {
    return role === "from"
      ? { key: ":nodes-from", label: "From nodes" }
      : { key: ":nodes-to", label: "To nodes" };
  }
  return role === "from"
    ? { key: ":outside-from", label: "From outside" }
    : { key: ":outside-to", label: "To outside" };
}

export function isShown(edge: MapEdge, switches: Switches): boolean {
  if (edge.kind === "dns" && !switches.dns) return false;
  if (edge.kind === "host" && !switches.host) return false;
  return !switches.deniedOnly || edge.drops > 0;
}

/** The same input gives the same graph, in the same order. */
export function graphOf(answer: MapAnswer, switches: Switches): Graph {
  const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
  const shown = answer.edges.filter(
    (edge) => isShown(edge, switches) && nodes.has(edge.from) && nodes.has(edge.to),
  );
  const groups = new Map<string, Group & { members: Map<string, Item> }>();
  const place = (node: MapNode, role: "from" | "to"): { group: string; id: string } => {
    const { key, label } = groupOf(node.peer, role);
    let group = groups.get(key);
    if (!group) {
      group = {
        key,
        label,
        folded: false,
        size: 0,
        items: [],
        namespace: node.peer.namespace !== "",
        members: new Map(),
      };
      groups.set(key, group);
    }
    const id = group.namespace ? node.id : `${node.id} ${role}`;
    if (!group.members.has(id)) {
      const name = node.peer.namespace === "" ? peerText(node.peer) : node.peer.name;
      group.members.set(id, {
        id,
        group: key,
        peer: node.peer,
        label: name === "" ? "unknown" : name,
        forwarded: 0,
        dropped: 0,
        problems: [],
      });
    }
    return { group: key, id };
  };
  const ends = shown.map((edge) => ({
    edge,
    from: place(nodes.get(edge.from) as MapNode, "from"),
    to: place(nodes.get(edge.to) as MapNode, "to"),
  }));

  const tooMany = answer.nodes.length > MOST_NODES;
  for (const group of groups.values()) {
    group.size = group.members.size;
    const starts = tooMany || group.size > GROUP_MOST;
    group.folded = switches.folded.has(group.key) || (starts && !switches.opened.has(group.key));
    group.items = group.folded
      ? [folded(group)]
      : [...group.members.values()].sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  const links = new Map<string, Link>();
  const items = new Map(
    [...groups.values()].flatMap(({ items: all }) => all).map((i) => [i.id, i]),
  );
  for (const { edge, from, to } of ends) {
    const source = groups.get(from.group)?.folded ? foldedId(from.group) : from.id;
    const target = groups.get(to.group)?.folded ? foldedId(to.group) : to.id;
    for (const id of source === target ? [source] : [source, target]) {
      const item = items.get(id);
      if (!item) continue;
      item.forwarded += edge.forwarded;
      item.dropped += edge.dropped;
      item.problems = merged(item.problems, edge.problems);
    }
    // What stays inside a folded group is in its numbers, not in the picture.
    if (source === target && groups.get(from.group)?.folded) continue;
    const id = `${source} > ${target}`;
    const link = links.get(id);
    links.set(id, {
      id,
      from: source,
      to: target,
      forwarded: (link?.forwarded ?? 0) + edge.forwarded,
      dropped: (link?.dropped ?? 0) + edge.dropped,
      drops: (link?.drops ?? 0) + edge.drops,
      edges: [...(link?.edges ?? []), edge],
      problems: merged(link?.problems ?? [], edge.problems),
    });
  }
  return {
    groups: [...groups.values()]
      .map(({ key, label, folded: isFolded, size, items: own, namespace }) => ({
        key,
        label,
        folded: isFolded,
        size,
        items: own,
        namespace,
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
    links: [...links.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    nodes: answer.nodes.length,
    denied: shown.filter(({ drops }) => drops > 0).length,
    drops: shown.reduce((sum, { drops }) => sum + drops, 0),
    dns: answer.edges.filter(({ kind }) => kind === "dns").length,
    host: answer.edges.filter(({ kind }) => kind === "host").length,
  };
}

export function foldedId(key: string): string {
  return `group ${key}`;
}

function folded(group: Group): Item {
  return {
    id: foldedId(group.key),
    group: group.key,
    peer: undefined,
    label: group.label,
    forwarded: 0,
    dropped: 0,
    problems: [],
  };
}

function merged(left: readonly string[], right: readonly string[]): readonly string[] {
  return right.every((each) => left.includes(each)) ? left : [...new Set([...left, ...right])];
}
