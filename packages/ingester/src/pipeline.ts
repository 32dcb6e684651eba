import { Worker } from "node:worker_threads";
import {
  systemClock,
  type Clock,
  type DropscopeError,
  type Gap,
  type Part,
} from "@dropscope/model";
import type { SpoolDoor } from "@dropscope/store";
import { emptyBooks, type Books } from "./books.js";
import type { IngesterConfig } from "./config.js";
import { createLiveFeed } from "./live-feed.js";
import { readStart } from "./start.js";
import { startingStatus, type IngesterStatus } from "./status.js";
import { createThread, type Runner } from "./thread.js";
import type { Seed } from "./thread-messages.js";

export interface IngesterOptions {
  source: IngesterConfig;
  door: SpoolDoor;
  /** Given: everything runs in this thread with this clock (tests). Absent: in a worker thread. */
  clock?: Clock;
  /**
   * Ids of the flows and gaps of `sinceMs` (flow time) and later that the spool or the store hold, at
   * most `limit`, the newest. Without it a restart repeats what the overlap brings again.
   */
  seed?: (sinceMs: number, limit: number) => Promise<Seed>;
  /** Log lines with advice; not failures of the ingester. */
  onNotice?: (notice: DropscopeError) => void;
  /** Every loss that was entered, for the log; the row itself goes with the next batch. */
  onGap?: (gap: Gap) => void;
  /** The source ended for good, or the spool failed ten times in a row. `stop` is still to be called. */
  onFatal?: (error: DropscopeError) => void;
}

export interface Ingester extends Part {
  status(): IngesterStatus;
  /** At most 250 ms old while it runs; exact after `stop`. */
  books(): Books;
}

/**
 * The live ingest pipeline:
 *
 *     relay ─▶ receive ─▶ decode ─▶ drop repeats ─▶ batch ══▶ door.seal ─▶ acknowledged
 *     └──────────────── worker thread ─────────────────┘       main
 */
export function createIngester(options: IngesterOptions): Ingester {
  const { source, door } = options;
  let runner: Runner | undefined;
  let stopped = false;
  const tell = {
    notice: (notice: DropscopeError) => options.onNotice?.(notice),
    gap: (gap: Gap) => options.onGap?.(gap),
    fatal: (error: DropscopeError) => options.onFatal?.(error),
  };

  return {
    async start() {
      const input = await readStart(
        source,
        options.seed,
        options.clock ?? systemClock,
        tell.notice,
      );
      if (stopped) return;
      if (options.clock === undefined) {
        const worker = new Worker(new URL("./worker.js", import.meta.url), {
          workerData: input,
          // What a flow leaves behind is dead when the next one comes: a larger nursery only costs memory.
          resourceLimits: { maxYoungGenerationSizeMb: 6 },
        });
        runner = createThread(worker, door, tell, source.target.address.dial);
        return;
      }
      const live = createLiveFeed(input, door, options.clock, tell);
      runner = {
        status: () => live.source.status(),
        books: () => live.feed.books(),
        stop: (deadlineMs) => live.stop(deadlineMs),
      };
      await live.source.start();
    },
    async stop(deadlineMs) {
      stopped = true;
      await runner?.stop(deadlineMs);
    },
    status: () => runner?.status() ?? startingStatus(source.target.address.dial),
    books: () => runner?.books() ?? emptyBooks(),
  };
}
