/**
 * The rows of the live table. New rows go on top; while somebody reads (pause, pointer over the
 * rows, scrolled down, a row chosen) the picture stands still and what arrives is counted.
 *
 *     frames ──▶ live (≤ cap, newest first) ──▶ shown        nobody reads
 *                        └────── waiting: n ──▶ (held)       somebody reads
 */
import type { FlowRow } from "@dropscope/model";

export interface Feed {
  /** Takes a frame's rows, newest first, and how many matched without being sent. */
  push(rows: readonly FlowRow[], more: number): void;
  /** Starts over with a snapshot's rows. A held picture stays held. */
  reset(rows: readonly FlowRow[]): void;
  hold(held: boolean): void;
  readonly held: boolean;
  /** What the table draws, newest first. The array never changes in place while it is held. */
  readonly shown: readonly FlowRow[];
  /** Flows that arrived since the hold. */
  readonly waiting: number;
}

export function createFeed(cap = 5000): Feed {
  let live: FlowRow[] = [];
  let frozen: readonly FlowRow[] | undefined;
  let waiting = 0;
  return {
    push(rows, more) {
      if (frozen) waiting += rows.length + more;
      if (rows.length === 0) return;
      live =
        rows.length >= cap ? rows.slice(0, cap) : [...rows, ...live.slice(0, cap - rows.length)];
    },
    reset(rows) {
      live = rows.slice(0, cap);
    },
    hold(held) {
      if (held === (frozen !== undefined)) return;
      frozen = held ? live : undefined;
      waiting = 0;
    },
    get held() {
      return frozen !== undefined;
    },
    get shown() {
      return frozen ?? live;
    },
    get waiting() {
      return waiting;
    },
  };
}
