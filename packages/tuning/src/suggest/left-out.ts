import type { LeftOut } from "@dropscope/model";
import { type Asked, type Scope, subjectOf } from "./asks.js";
import { compare } from "./group.js";
import type { Sorted } from "./sort-out.js";
import type { Seen } from "./traffic.js";
import type { Verifier } from "./verify.js";
import { toldExactly } from "./told.js";

const MOST = 200;

export interface LeftOutList {
  readonly leftOut: readonly LeftOut[];
  /** More than are listed. */
  readonly more: number;
  /** Edges of scans that a rule for somebody else lets in. */
  readonly scannersLetIn: number;
}

/** Traffic of the pods in scope that the proposal does not allow, the most frequent first. */
export function leftOutOf(
  { unwanted, unplaced, directory }: Sorted,
  { unworded }: Asked,
  scope: Scope,
  verifier: Verifier,
): LeftOutList {
  const inScope = (seen: Seen) =>
    scope.directions.filter(
      (direction) => subjectOf(seen, direction, scope, directory) !== undefined,
    );
  let scannersLetIn = 0;
  const all: LeftOut[] = [];
  for (const { seen, why, says } of unwanted) {
    const sides = inScope(seen);
    if (sides.length === 0) continue;
    if (sides.every((direction) => verifier.allows(seen, direction))) {
      if (why === "scanner") scannersLetIn++;
      else continue;
    }
    all.push({ edge: toldExactly(seen.edge), why, says });
  }
  for (const { seen, says } of unworded)
    all.push({ edge: toldExactly(seen.edge), why: "unplaced", says });
  for (const { edge, why } of unplaced) {
    const ends = [edge.flow.source?.namespace ?? "", edge.flow.destination?.namespace ?? ""];
    if (ends.some((namespace) => scope.namespaces.includes(namespace)))
      all.push({ edge: toldExactly(edge), why: "unplaced", says: `${sentence(why)}.` });
  }
  const sorted = all.toSorted(
    (a, b) => b.edge.flows - a.edge.flows || compare(a.edge.id, b.edge.id),
  );
  return {
    leftOut: sorted.slice(0, MOST),
    more: Math.max(0, sorted.length - MOST),
    scannersLetIn,
  };
}

const sentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
