import { DropscopeError } from "@dropscope/model";
import type { Batch, SpoolDoor } from "@dropscope/store";

/** A door that keeps batches in memory, and can be slow, full or broken. */
export interface MemoryDoor extends SpoolDoor {
  readonly batches: Batch[];
  readonly flows: number;
  /** While true, `seal` answers SPOOL_FULL; set it back with `free`. */
  fill(): void;
  free(): void;
  /** The next `n` seals fail with SPOOL_IO. */
  breakFor(n: number): void;
  /** Seals wait until `release`. */
  hold(): void;
  release(): void;
  /** Seals that were tried. */
  readonly tries: number;
}

export function createMemoryDoor(): MemoryDoor {
  const batches: Batch[] = [];
  let full = false;
  let broken = 0;
  let tries = 0;
  let freed: (() => void)[] = [];
  let held: Promise<void> | undefined;
  let letGo = () => {};

  return {
    batches,
    get flows() {
      return batches.reduce((sum, batch) => sum + batch.flows, 0);
    },
    get tries() {
      return tries;
    },
    async seal(batch) {
      tries++;
      if (held !== undefined) await held;
      if (full) throw new DropscopeError("SPOOL_FULL", "The spool is full.", { next: "Wait." });
      if (broken > 0) {
        broken--;
        throw new DropscopeError("SPOOL_IO", "The spool failed.", { next: "Check the disk." });
      }
      batches.push(batch);
    },
    spaceFreed: () => (full ? new Promise((resolve) => freed.push(resolve)) : Promise.resolve()),
    fill() {
      full = true;
    },
    free() {
      full = false;
      for (const resolve of freed) resolve();
      freed = [];
    },
    breakFor(n) {
      broken = n;
    },
    hold() {
      held = new Promise((resolve) => {
        letGo = resolve;
      });
    },
    release() {
      held = undefined;
      letGo();
    },
  };
}
