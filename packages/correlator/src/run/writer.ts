import type { DropExplanation } from "@dropscope/model";
import type { ExplainedBatch } from "./explain-batch.js";
import type { CorrelatorOptions } from "./options.js";
import { type Counters, countExplained } from "./stats.js";

/** Rows that wait to be written, at most, before whoever explains has to wait. */
const MOST_WAITING = 20_000;
/** Batches of one write: their ids are its token. */
const MOST_BATCHES = 64;

/**
 * Writes what is explained, in its order. What became ready while one write was under way is one
 * write together: a small one costs the engine nearly as much as a large one.
 */
export interface ExplanationWriter {
  /**
   * @param isStored the explanations are there already; what follows from them may not be
   * @throws what an earlier write failed with
   */
  add(done: ExplainedBatch, isStored: boolean): Promise<void>;
  /** Resolves when all that was added is stored. @throws what a write failed with */
  flush(): Promise<void>;
}

interface Waiting {
  readonly done: ExplainedBatch;
  readonly isStored: boolean;
}

export function createExplanationWriter(
  options: Pick<CorrelatorOptions, "store" | "onExplained">,
  counters: Counters,
): ExplanationWriter {
  const { store } = options;
  let waiting: Waiting[] = [];
  let rows = 0;
  let running: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, MOST_BATCHES);
      waiting = waiting.slice(MOST_BATCHES);
      await store.addExplanations(group.flatMap(({ done, isStored }) => (isStored ? [] : [done])));
      // Counts are told apart by batch, so that each is counted once whatever it was written with.
      await Promise.all(group.map(({ done }) => store.addMinutes(done.batch, done.minutes)));
      for (const { done } of group) {
        rows -= done.rows.length;
        tell(done, options, counters);
      }
    }
    running = undefined;
  }

  return {
    async add(done, isStored) {
      waiting.push({ done, isStored });
      rows += done.rows.length;
      running ??= writeAll();
      // Whoever adds or flushes next hears of a failure; until then nobody does.
      running.catch(() => undefined);
      if (rows > MOST_WAITING) await running;
    },
    flush: async () => running,
  };
}

/** Nobody is told of what is not stored. */
function tell(
  { rows, explanations }: ExplainedBatch,
  { onExplained }: Pick<CorrelatorOptions, "onExplained">,
  counters: Counters,
): void {
  for (const { uuid, node, problem } of rows) {
    const explanation = explanations.get(uuid) as DropExplanation;
    countExplained(counters, explanation);
    onExplained?.({ explanation, node, problem });
  }
}
