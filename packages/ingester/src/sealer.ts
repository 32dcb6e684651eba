import { DropscopeError, EXIT, type Clock } from "@dropscope/model";
import type { Batch, SpoolDoor } from "@dropscope/store";

/** How the door answers: `full` and `failing` hold the queue, `failed` ended it. */
export type SealState = "ok" | "full" | "failing" | "failed";

/** From this many failures in a row the state says so; at the last one we give up (exit code 74). */
const FAILURES_TO_SAY = 3;
const FAILURES_TO_END = 10;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

export interface SealerOptions<Mark> {
  door: SpoolDoor;
  clock: Clock;
  maxUnacked: number;
  onSealed: (batch: Batch, mark: Mark) => void;
  onFatal: (error: DropscopeError) => void;
  /** The spool took a batch again after it was full; called only when reading had to stop. */
  onFullOver: (fromMs: number, toMs: number) => void;
}

/** Gives batches to the door one at a time, in order, and repeats one until the door takes it. */
export interface Sealer<Mark> {
  add(batch: Batch, mark: Mark): void;
  full(): boolean;
  room(): Promise<void> | undefined;
  idle(): Promise<void>;
  stop(): void;
  readonly state: SealState;
}

export function createSealer<Mark>(options: SealerOptions<Mark>): Sealer<Mark> {
  const { door, clock, maxUnacked } = options;
  const queue: { batch: Batch; mark: Mark }[] = [];
  const waiting: { until: () => boolean; resolve: () => void; reject: (e: unknown) => void }[] = [];
  let state: SealState = "ok";
  let running = false;
  const ending = new AbortController();
  let failure: DropscopeError | undefined;
  let fullSince: number | undefined;
  let readingStopped = false;
  let endPause = () => {};

  async function drain(): Promise<void> {
    running = true;
    for (let head = queue[0]; head !== undefined && !ending.signal.aborted; head = queue[0]) {
      if (!(await sealOne(head.batch))) break;
      queue.shift();
      options.onSealed(head.batch, head.mark);
      fullIsOver();
      wake();
    }
    running = false;
    wake();
  }

  async function sealOne(batch: Batch): Promise<boolean> {
    let failures = 0;
    while (!ending.signal.aborted) {
      try {
        await door.seal(batch);
        state = "ok";
        return true;
      } catch (error) {
        if (codeOf(error) === "SPOOL_FULL") {
          state = "full";
          fullSince ??= clock.now();
          if (full()) readingStopped = true;
          // The event may be missed by a hair, so the door is asked again after a while anyway.
          await Promise.race([door.spaceFreed(), pause(LONGEST_RETRY_MS)]);
          endPause();
          continue;
        }
        failures++;
        if (failures >= FAILURES_TO_SAY) state = "failing";
        if (failures >= FAILURES_TO_END) {
          fail(error);
          return false;
        }
        await pause(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)));
      }
    }
    return false;
  }

  function fail(error: unknown): void {
    state = "failed";
    failure =
      error instanceof DropscopeError
        ? error
        : new DropscopeError("SPOOL_IO", "The spool could not be written.", {
            next: "Check the disk that holds the data directory, then start again.",
            exitCode: EXIT.ioError,
            cause: error,
          });
    options.onFatal(failure);
  }

  function fullIsOver(): void {
    if (fullSince === undefined) return;
    if (readingStopped) options.onFullOver(fullSince, clock.now());
    fullSince = undefined;
    readingStopped = false;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  function full(): boolean {
    return queue.length >= maxUnacked;
  }

  function wake(): void {
    for (let i = waiting.length - 1; i >= 0; i--) {
      const waiter = waiting[i]!;
      if (failure !== undefined) waiter.reject(failure);
      else if (ending.signal.aborted || waiter.until()) waiter.resolve();
      else continue;
      waiting.splice(i, 1);
    }
  }

  function when(until: () => boolean): Promise<void> {
    if (failure !== undefined) return Promise.reject(failure);
    if (until() || ending.signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => waiting.push({ until, resolve, reject }));
  }

  return {
    add(batch, mark) {
      queue.push({ batch, mark });
      if (!running && failure === undefined) void drain();
    },
    full,
    room() {
      if (failure === undefined && (!full() || ending.signal.aborted)) return undefined;
      if (fullSince !== undefined) readingStopped = true;
      return when(() => !full());
    },
    idle: () => when(() => queue.length === 0),
    stop() {
      ending.abort();
      endPause();
      wake();
    },
    get state() {
      return state;
    },
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof DropscopeError ? error.code : undefined;
}
