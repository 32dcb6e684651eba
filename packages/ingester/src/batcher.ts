import type { Clock } from "@dropscope/model";

/**
 * Decides when the open batch is cut: `maxAgeMs` after its first row, or at once
 * when told (it is full, or the feed ends). Each insert costs the store a fixed sum and a
 * later merge: so a busy batch may wait twice as long, since at high rates larger batches are
 * what keeps it ahead, and a nearly empty one half as long again, since a cluster in which
 * little happens should cost little. While too many batches wait for their
 * acknowledgement an aged batch stays open and is cut as soon as one is through.
 */
export interface Batcher {
  /** A row went into the open batch. */
  touch(): void;
  cutNow(): void;
  stop(): void;
}

export interface BatcherOptions {
  clock: Clock;
  maxAgeMs: number;
  mayCut: () => boolean;
  /** The source goes on for ever: what a batch costs adds up. */
  live: boolean;
  /** Rows of the open batch; `BUSY_ROWS` of them at `maxAgeMs` make it a busy one. */
  rows: () => number;
  cut: () => void;
}

/** In 500 ms: more than 10,000 flows a second. Below that, being seen soon counts more. */
export const BUSY_ROWS = 5_000;
/** In 500 ms: less than 200 flows a second. */
export const QUIET_ROWS = 100;

export function createBatcher(options: BatcherOptions): Batcher {
  const { clock, maxAgeMs } = options;
  let cancel: (() => void) | undefined;
  let stopped = false;

  function arm(ms: number, waited = false): void {
    cancel = clock.after(ms, () => {
      cancel = undefined;
      if (!waited && options.rows() >= BUSY_ROWS) arm(maxAgeMs, true);
      else if (!waited && options.live && options.rows() < QUIET_ROWS) arm(maxAgeMs / 2, true);
      else if (options.mayCut()) options.cut();
      else arm(Math.max(10, maxAgeMs / 10), true);
    });
  }

  return {
    touch() {
      if (cancel === undefined && !stopped) arm(maxAgeMs);
    },
    cutNow() {
      cancel?.();
      cancel = undefined;
      options.cut();
    },
    stop() {
      stopped = true;
      cancel?.();
      cancel = undefined;
    },
  };
}
