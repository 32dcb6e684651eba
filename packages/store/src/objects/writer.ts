import { randomUUID } from "node:crypto";
import { systemClock, type Clock, type Part } from "@dropscope/model";
import { classify } from "../clickhouse/classify.js";
import type { StoreClient } from "../clickhouse/client.js";
import { silentLogger, type StoreLogger } from "../config.js";
import { reasonOf } from "../deliver/deliver.js";
import { contentRow, versionRow, watchRow } from "./rows.js";
import type { ObjectContent, ObjectVersionRow, ObjectWatch } from "./version.js";

/** A version that began or ended; its content when it began. */
export interface VersionWrite {
  readonly version: ObjectVersionRow;
  readonly content?: ObjectContent;
}

export interface ObjectWriterOptions {
  readonly client: Pick<StoreClient, "insertRows" | "command">;
  /**
   * Everything that is known, again. Asked for when more changed during an outage than is
   * kept in the queue, so that nothing is lost while the process lives.
   */
  readonly everything?: () => Iterable<VersionWrite>;
  readonly clock?: Clock;
  readonly logger?: StoreLogger;
  /** Versions that may wait; 50,000 when absent. */
  readonly maxWaiting?: number;
}

export interface ObjectWriterState {
  /** Versions that are not stored yet. */
  readonly waiting: number;
  /** One sentence, empty when the store takes what it is given. */
  readonly trouble: string;
  readonly stored: number;
  readonly retries: number;
}

/**
 * Stores versions of objects in the order in which they are put. Nothing is thrown: the store
 * may be away for hours, and what was put twice is stored once.
 *
 *     put ──▶ queue ──▶ chunk (contents, then versions) ──▶ store
 *               │ full: forget it all            ▲ until it is in, with growing pauses
 *               └──────▶ everything() ───────────┘
 */
export interface ObjectWriter extends Part {
  put(writes: readonly VersionWrite[]): void;
  /** The newest word of each list counts; signs of life are many. */
  watched(watches: readonly ObjectWatch[]): void;
  /** Resolves when all that was put before is stored. */
  drained(): Promise<void>;
  state(): ObjectWriterState;
}

const MAX_WAITING = 50_000;
const CHUNK = 1000;
const GATHER_MS = 100;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const DAY_MS = 86_400_000;
const FIRST_SWEEP_MS = 600_000;

/** Contents that no version points at any more. A day's grace, since a content is written before its version. */
const FORGET_CONTENTS =
  "DELETE FROM object_contents WHERE seen_at < now64(3, 'UTC') - toIntervalDay(1) AND hash NOT IN (SELECT content FROM object_versions)";

export function createObjectWriter(options: ObjectWriterOptions): ObjectWriter {
  const { client, clock = systemClock, logger = silentLogger } = options;
  const maxWaiting = options.maxWaiting ?? MAX_WAITING;
  let queue: VersionWrite[] = [];
  let again: Iterator<VersionWrite> | undefined;
  const watches = new Map<string, ObjectWatch>();
  let lastObserved = 0;
  let working: Promise<void> | undefined;
  let started = false;
  let stopping = false;
  let wake: (() => void) | undefined;
  let cancelSweep = (): void => {};
  const counts = { inFlight: 0, stored: 0, retries: 0, trouble: "" };

  const idle = (): boolean => queue.length === 0 && again === undefined && watches.size === 0;

  const finished = async (): Promise<void> => {
    const now = working;
    if (now === undefined) return;
    await now;
    await finished();
  };

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });

  /** Grows, so that of two rows of one version the one that was put later wins. */
  const observed = (): number => {
    lastObserved = Math.max(lastObserved + 1, Math.round(clock.now() * 1000));
    return lastObserved;
  };

  const nextChunk = (): VersionWrite[] => {
    if (again === undefined) return queue.splice(0, CHUNK);
    const chunk: VersionWrite[] = [];
    while (chunk.length < CHUNK) {
      const { done, value } = again.next();
      if (done === true) {
        again = undefined;
        break;
      }
      chunk.push(value);
    }
    return chunk;
  };

  /** Until it is in: versions are not the store's to refuse, and what cannot be stored is retried slowly. */
  const insert = async (table: string, rows: readonly Record<string, unknown>[]): Promise<void> => {
    if (rows.length === 0) return;
    const token = randomUUID();
    for (let failures = 0; ; failures += 1) {
      try {
        await client.insertRows(table, rows, token);
        counts.trouble = "";
        return;
      } catch (error) {
        if (stopping) throw error;
        counts.retries += 1;
        counts.trouble = `The store does not take versions of objects (${reasonOf(error)}).`;
        if (failures === 0) logger.warn(counts.trouble, { table, rows: rows.length });
        const patient = classify(error, failures) !== "retry";
        const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
        await pause(patient ? LONGEST_PAUSE_MS : growing);
        if (stopping) throw error;
      }
    }
  };

  const work = async (): Promise<void> => {
    await pause(stopping ? 0 : GATHER_MS);
    while (!idle()) {
      const chunk = nextChunk();
      counts.inFlight = chunk.length;
      const contents = new Map(
        chunk.flatMap(({ content }) => (content === undefined ? [] : [[content.hash, content]])),
      );
      await insert(
        "object_contents",
        [...contents.values()].map((content) => contentRow(content, observed())),
      );
      await insert(
        "object_versions",
        chunk.map(({ version }) => versionRow(version, observed())),
      );
      counts.stored += chunk.length;
      counts.inFlight = 0;
      const alive = [...watches.values()];
      watches.clear();
      await insert(
        "object_watches",
        alive.map((watch) => watchRow(watch, observed())),
      );
    }
  };

  const go = (): void => {
    if (!started || working !== undefined || idle()) return;
    working = work()
      .catch((error: unknown) => {
        // Only a stop ends it early.
        logger.warn("versions of objects were not stored before the stop", {
          waiting: queue.length + counts.inFlight,
          reason: reasonOf(error),
        });
        queue = [];
        again = undefined;
        watches.clear();
      })
      .finally(() => {
        working = undefined;
        go();
      });
  };

  const sweep = (ms: number): void => {
    cancelSweep = clock.after(ms, () => {
      sweep(DAY_MS);
      client.command(FORGET_CONTENTS).catch((error: unknown) => {
        logger.warn("contents that nothing points at were not removed", {
          reason: reasonOf(error),
        });
      });
    });
  };

  return {
    start() {
      started = true;
      sweep(FIRST_SWEEP_MS);
      go();
      return Promise.resolve();
    },
    async stop(deadlineMs) {
      cancelSweep();
      if (stopping) return;
      // First what waits is given a chance; a store that is away must not hold up the end.
      const cancel = clock.after(deadlineMs * 0.8, () => {
        stopping = true;
        wake?.();
      });
      if (counts.trouble !== "") {
        stopping = true;
        wake?.();
      }
      await finished();
      cancel();
      stopping = true;
    },
    put(writes) {
      if (stopping) return;
      for (const write of writes) queue.push(write);
      if (queue.length > maxWaiting && options.everything !== undefined) {
        queue = [];
        again = options.everything()[Symbol.iterator]();
      }
      go();
    },
    watched(newer) {
      if (stopping) return;
      for (const watch of newer) {
        const { source, kind, listedAt } = watch;
        watches.set(`${source}/${kind}/${listedAt}`, watch);
      }
      go();
    },
    drained: finished,
    state: () => ({
      waiting: queue.length + counts.inFlight,
      trouble: counts.trouble,
      stored: counts.stored,
      retries: counts.retries,
    }),
  };
}
