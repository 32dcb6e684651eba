import { type ConnectionSet, NOTHING, sameConnections } from "./connection-set.js";
import { type End, rangeEnd } from "./ends.js";
import type { ConnectionList, ListedConnection } from "./list.js";
import { mergeRanges } from "./merge.js";
import { type AddressRange, commonRanges } from "./ranges.js";
import { compareText } from "./text.js";

export type ChangeType = "changed" | "added" | "removed";

/** A pair of ends that may exchange other things than before. */
export interface ConnectionChange {
  readonly type: ChangeType;
  readonly from: End;
  readonly to: End;
  readonly before: ConnectionSet;
  readonly after: ConnectionSet;
  /** Workloads of the pair that exist on one side only. */
  readonly workloads: readonly { readonly text: string; readonly change: "added" | "removed" }[];
}

const ORDER: readonly ChangeType[] = ["changed", "added", "removed"];

/**
 * What the new list has otherwise than the old one: changed, added, removed, each
 * sorted by source and destination; then the same for what Ingress and Route objects
 * publish. Neighbouring ranges with the same change are one.
 */
export function connectionDiff(before: ConnectionList, after: ConnectionList): ConnectionChange[] {
  const old = byPair(before.connections, after.connections);
  const recent = byPair(after.connections, before.connections);
  const changes: ConnectionChange[] = [];
  const names = (list: ConnectionList): Set<string> =>
    new Set(list.workloads.map(({ text }) => text));
  const [oldNames, newNames] = [names(before), names(after)];
  for (const key of new Set([...old.keys(), ...recent.keys()])) {
    const [was, is] = [old.get(key), recent.get(key)];
    const { from, to } = (was ?? is) as ListedConnection;
    const sets = { before: was?.set ?? NOTHING, after: is?.set ?? NOTHING };
    if (sameConnections(sets.before, sets.after)) continue;
    const type = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    const workloads = [from, to].flatMap((end): ConnectionChange["workloads"] => {
      if (end.of !== "workload" || type === "changed") return [];
      if (!oldNames.has(end.text)) return [{ text: end.text, change: "added" }];
      return newNames.has(end.text) ? [] : [{ text: end.text, change: "removed" }];
    });
    changes.push({ type, from, to, ...sets, workloads });
  }
  return mergeRanges(changes, sameChange).sort(
    (a, b) =>
      Number(isPublished(a)) - Number(isPublished(b)) ||
      ORDER.indexOf(a.type) - ORDER.indexOf(b.type) ||
      compareText(a.from.text, b.from.text) ||
      compareText(a.to.text, b.to.text),
  );
}

/** The connections by their pair, their ranges cut so that both lists have the same ones. */
function byPair(
  connections: readonly ListedConnection[],
  others: readonly ListedConnection[],
): Map<string, ListedConnection> {
  const cutsAt = (side: "from" | "to"): End[] =>
    commonRanges(rangesOf(connections, side), rangesOf(others, side)).map(rangeEnd);
  const [sources, destinations] = [cutsAt("from"), cutsAt("to")];
  const pairs = new Map<string, ListedConnection>();
  for (const { from, to, set } of connections)
    for (const source of partsOf(from, sources))
      for (const destination of partsOf(to, destinations))
        pairs.set(`${source.text} => ${destination.text}`, { from: source, to: destination, set });
  return pairs;
}

/** The ranges that an end is made of; any other end is one of its own. */
function partsOf(end: End, ranges: readonly End[]): readonly End[] {
  if (end.of !== "range") return [end];
  const { first, last } = end.range;
  return ranges.filter(
    (part) => part.of === "range" && first <= part.range.first && part.range.last <= last,
  );
}

function rangesOf(connections: readonly ListedConnection[], side: "from" | "to"): AddressRange[] {
  return connections.flatMap(({ [side]: end }) => (end.of === "range" ? [end.range] : []));
}

function isPublished({ from }: ConnectionChange): boolean {
  return from.of === "ingress-controller";
}

/** Whether two ranges of addresses changed alike, before and after. */
function sameChange(a: ConnectionChange, b: ConnectionChange): boolean {
  return sameConnections(a.before, b.before) && sameConnections(a.after, b.after);
}
