import { cutFlow, type Flow, type Viewer } from "@dropscope/model";
import type { LookupCache } from "./lookup.js";
import { rebuildFlow } from "./rebuild.js";
import type { FlowRecord } from "./record.js";

/** A flow as its viewer may see it, and the store's id of it (its uuid, or a hash where it has none). */
export interface SeenFlow {
  id: string;
  timeNs: bigint;
  flow: Flow;
}

/** Rows to flows. The query has left out what the viewer may not see; the cut is made here again, and alone decides. */
export async function seenFlows(
  rows: readonly FlowRecord[],
  viewer: Viewer,
  lookup: LookupCache,
  signal: AbortSignal | undefined,
): Promise<SeenFlow[]> {
  await lookup.load(rows, signal);
  const seen: SeenFlow[] = [];
  for (const row of rows) {
    const flow = cutFlow(rebuildFlow(row, lookup), viewer);
    if (flow !== undefined) seen.push({ id: row.uuid, timeNs: BigInt(row.time_ns), flow });
  }
  return seen;
}
