import type { DropExplanation } from "@dropscope/model";
import type { LandedBatch, LandedFlow } from "@dropscope/store";
import { isExplained } from "../explain/index.js";
import type { RunState } from "./run-state.js";

/** Flows of several batches, batch by batch in the order given; batches without any come with none. */
export async function* byBatch(
  pieces: AsyncIterable<LandedFlow[]>,
  batches: readonly LandedBatch[],
): AsyncIterable<[LandedBatch, LandedFlow[]]> {
  const left = [...batches];
  let flows: LandedFlow[] = [];
  for await (const piece of pieces)
    for (const one of piece) {
      while (left[0] !== undefined && left[0].id !== one.batch) {
        yield [left.shift() as LandedBatch, flows];
        flows = [];
      }
      flows.push(one);
    }
  for (const batch of left) {
    yield [batch, flows];
    flows = [];
  }
}

/** As many batches as are read at once: of a long backlog not all. */
export function chunksOf(batches: readonly LandedBatch[], mostFlows: number): LandedBatch[][] {
  const chunks: LandedBatch[][] = [];
  let flows = Number.POSITIVE_INFINITY;
  for (const batch of batches) {
    if (flows + batch.flows > mostFlows) {
      chunks.push([]);
      flows = 0;
    }
    chunks.at(-1)?.push(batch);
    flows += batch.flows;
  }
  return chunks;
}

/**
 * What else looks at the flows: name resolution, and what passes though it should not. Name
 * resolution takes a flow twice without harm, the audit one of a batch that it had stored.
 */
export function feedOthers(
  { dns, audit }: Pick<RunState, "dns" | "audit">,
  flows: readonly LandedFlow[],
  explanations: ReadonlyMap<string, DropExplanation>,
): void {
  for (const { flow, uuid, batch } of flows) {
    const explanation = explanations.get(uuid);
    dns.see(flow, explanation);
    if (explanation !== undefined) audit.seeDrop(explanation);
    else if (!isExplained(flow)) audit.see(flow, String(batch));
  }
}
