import type { Flow } from "@dropscope/model";

/** One slot: a flow, or the news that events were lost before the agent saw them. */
export interface RingEvent {
  /** When the agent read it, ns since the start of the simulation. What `since` and `until` compare with. */
  at: number;
  flow?: Flow;
  lost?: { source: string; count: number; cpu?: number };
  /** RFC 3339, of the envelope. */
  time: string;
  /** The whole response, encoded once for all readers that ask for no field mask. */
  bytes?: Uint8Array;
}

/**
 * An agent's ring of 2^n − 1 slots. The writer never waits; who reads too slowly
 * finds that the slots it wanted hold newer events.
 *
 *      oldest ─┐                      ┌─ next (to be written)
 *      ┌───┬───▼───┬───┬───┬───┬───┬──▼┐
 *      │   │ 4096  │ … │ … │ … │8190│   │   positions count up for ever;
 *      └───┴───────┴───┴───┴───┴───┴───┘   slot = position mod capacity
 */
export interface Ring {
  readonly capacity: number;
  /** Position of the oldest event that is still there. */
  readonly oldest: number;
  /** First position that cannot be read yet. */
  readonly end: number;
  /** Events ever written. */
  readonly written: number;
  write(event: RingEvent): void;
  read(position: number): RingEvent;
  /** Forgets everything, as a restarted agent does. */
  clear(): void;
}

/** @param holdNewest As in Hubble: the newest event cannot be read until the next one is written. */
export function createRing(capacity: number, holdNewest: boolean): Ring {
  if (capacity < 1 || !Number.isInteger(Math.log2(capacity + 1))) {
    throw new RangeError(`a ring holds 2^n − 1 events, not ${capacity}`);
  }
  const slots: RingEvent[] = [];
  let written = 0;
  let forgotten = 0;
  return {
    capacity,
    get oldest() {
      return Math.max(forgotten, written - capacity);
    },
    get end() {
      return holdNewest ? Math.max(forgotten, written - 1) : written;
    },
    get written() {
      return written;
    },
    write(event) {
      slots[written % capacity] = event;
      written++;
    },
    read(position) {
      const event = slots[position % capacity];
      if (event === undefined) throw new RangeError(`nothing at position ${position}`);
      return event;
    },
    clear() {
      forgotten = written;
    },
  };
}
