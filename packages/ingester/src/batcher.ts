import type { Clock } from "@dropscope/model";

/**
 * Decides when the open batch is cut: `maxAgeMs` after its first row, or at once
 * when told (it is full, or the feed ends). While too many batches wait for their
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
  cut: () => void;
}

export function createBatcher(options: BatcherOptions): Batcher {
  const { clock, maxAgeMs } = options;
  let cancel: (() => void) | undefined;
  let stopped = false;

  function arm(ms: number): void {
    cancel = clock.after(ms, () => {
      cancel = undefined;
      if (options.mayCut()) options.cut();
      else arm(Math.max(10, maxAgeMs / 10));
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
