import type { Clock } from "@dropscope/model";
import type { FlowReader, LandedBatch, TailCursor } from "@dropscope/store";

/** One follower's view of what lands. */
export interface Following {
  /** What is stored up to here is history; what comes later, `next` gives. */
  readonly from: TailCursor;
  /** Batches that landed since the last call, at least one. Rejects when the signal is aborted. */
  next(): Promise<readonly LandedBatch[]>;
  leave(): void;
}

/** Looks at the store's ledger once for all who follow. */
export interface Tail {
  follow(signal: AbortSignal): Promise<Following>;
  stop(): void;
}

/** Batches that wait for one follower; who is further behind has stalled. */
const MAX_WAITING = 4_096;

export function createTail(
  reader: Pick<FlowReader, "end" | "tail">,
  clock: Pick<Clock, "after">,
  everyMs: number,
): Tail {
  const followers = new Set<(batches: readonly LandedBatch[]) => void>();
  let running: { cursor: TailCursor; stop: AbortController } | undefined;
  let starting: Promise<void> | undefined;

  async function start(): Promise<void> {
    const cursor = await reader.end();
    const run = { cursor, stop: new AbortController() };
    running = run;
    void look(run);
  }

  async function look(run: { cursor: TailCursor; stop: AbortController }): Promise<void> {
    const { signal } = run.stop;
    let wake = (): void => {};
    signal.addEventListener("abort", () => wake(), { once: true });
    while (!signal.aborted && followers.size > 0) {
      try {
        const step = await reader.tail(run.cursor, signal);
        run.cursor = step.cursor;
        if (step.batches.length > 0) for (const give of followers) give(step.batches);
        // A full step says that there is more.
        if (step.batches.length > 100) continue;
      } catch {
        // The store is away for a moment; the cursor stays where it was.
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.after(everyMs, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
    if (running === run) running = undefined;
  }

  return {
    async follow(signal) {
      let waiting: LandedBatch[] = [];
      let overrun = false;
      let wake = (): void => {};
      const give = (batches: readonly LandedBatch[]): void => {
        if (waiting.length + batches.length > MAX_WAITING) overrun = true;
        else waiting.push(...batches);
        wake();
      };
      followers.add(give);
      signal.addEventListener("abort", () => wake(), { once: true });
      const leave = (): void => void followers.delete(give);
      try {
        if (running === undefined) {
          starting ??= start().finally(() => (starting = undefined));
          await starting;
        }
      } catch (error) {
        leave();
        throw error;
      }
      // From the same turn on: what the look after this cursor finds is given to this follower, too.
      waiting = [];
      const from = (running as { cursor: TailCursor } | undefined)?.cursor ?? (await reader.end());
      return {
        from,
        leave,
        async next() {
          while (waiting.length === 0) {
            signal.throwIfAborted();
            if (overrun) throw new Error("the follower is too far behind");
            await new Promise<void>((resolve) => (wake = resolve));
          }
          signal.throwIfAborted();
          return waiting.splice(0);
        },
      };
    },
    stop() {
      running?.stop.abort();
      running = undefined;
      followers.clear();
    },
  };
}
