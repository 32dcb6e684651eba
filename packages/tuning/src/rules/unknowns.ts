import type { ObservedEdge } from "@dropscope/model";
import type { UnknownEdges } from "../traffic/index.js";

/** Counts edges that cannot be judged, by why. */
export interface Unknowns {
  add(why: string, edge: ObservedEdge): void;
  /** Those of most flows first. */
  list(): UnknownEdges[];
}

export function createUnknowns(): Unknowns {
  const counts = new Map<string, { edges: number; flows: number }>();
  return {
    add(why, { flows }) {
      const known = counts.get(why) ?? { edges: 0, flows: 0 };
      counts.set(why, { edges: known.edges + 1, flows: known.flows + flows });
    },
    list: () =>
      [...counts]
        .map(([why, { edges, flows }]) => ({ why, edges, flows }))
        .sort((a, b) => b.flows - a.flows || (a.why < b.why ? -1 : 1)),
  };
}
