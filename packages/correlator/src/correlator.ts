import {
  type Clock,
  type DropExplanation,
  type Flow,
  LOCAL_VIEWER,
  type Part,
} from "@dropscope/model";
import type { FlowReader, TailCursor } from "@dropscope/store";
import { createDropPairs, type Explainer, type PairedDrop } from "./explain/index.js";

export interface CorrelatorOptions {
  readonly reader: Pick<FlowReader, "end" | "tail" | "observe">;
  readonly clock: Clock;
  /** Asked for anew in every step, so that policies may change. */
  explainer(): Explainer;
  /** Called once for every stored drop, in the order of landing. */
  onExplained(flow: Flow, explanation: DropExplanation): void | Promise<void>;
  /** The store could not be read; the next step tries again from the same place. */
  onTrouble(error: unknown): void;
  /** How often to look for landed batches, ms. */
  readonly pollMs?: number;
}

/** Follows the store and explains every drop that lands, each exactly once. */
export function createCorrelator(options: CorrelatorOptions): Part {
  const { reader, clock, pollMs = 500 } = options;
  const stopping = new AbortController();
  let cursor: TailCursor | undefined;
  let running: Promise<void> = Promise.resolve();
  let cancel: () => void = () => undefined;

  async function step(): Promise<void> {
    cursor ??= await reader.end(stopping.signal);
    const landed = await reader.tail(cursor, stopping.signal);
    if (landed.batches.length > 0) {
      const drops = reader.observe(
        {
          viewer: LOCAL_VIEWER,
          selection: { allow: [{ verdict: ["DROPPED", "AUDIT"] }], deny: [] },
          batches: landed.batches,
        },
        stopping.signal,
      );
      const explainer = options.explainer();
      const pairs = createDropPairs();
      const tell = async (ready: readonly PairedDrop[]): Promise<void> => {
        for (const { flow, told } of ready)
          await options.onExplained(flow, explainer.explain(told));
      };
      for await (const { flow } of drops) if (flow) await tell(pairs.push(flow));
      await tell(pairs.flush());
    }
    // Only now: a step that failed half-way is read again rather than skipped.
    cursor = landed.cursor;
  }

  async function turn(): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!stopping.signal.aborted) options.onTrouble(error);
    }
    if (!stopping.signal.aborted) cancel = clock.after(pollMs, loop);
  }

  function loop(): void {
    running = turn();
  }

  return {
    start() {
      loop();
      return Promise.resolve();
    },
    async stop() {
      stopping.abort();
      cancel();
      await running;
    },
  };
}
