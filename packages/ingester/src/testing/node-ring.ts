/** One event in a node's ring, as the bytes of a GetFlowsResponse. */
export interface RingEvent {
  /** Ring time: what `since` is compared with. */
  timeNs: bigint;
  bytes: Uint8Array;
}

/** The ring of one agent: the newest 2^n - 1 events, each with its number. */
export interface NodeRing {
  add(event: RingEvent): void;
  /** Number of the oldest event that is still there, and of the next one to come. */
  readonly oldest: number;
  readonly next: number;
  readonly capacity: number;
  at(n: number): RingEvent;
  /** Where a reader with this `since` starts; silently the oldest when it is older than the ring. */
  from(sinceNs: bigint): number;
  /** As after an agent restart. */
  clear(): void;
}

export function createNodeRing(capacity = 4095): NodeRing {
  let events: RingEvent[] = [];
  let base = 0;
  return {
    capacity,
    add(event) {
      events.push(event);
      // Trimmed in steps: a shift for each event would be quadratic.
      if (events.length >= capacity * 2) {
        base += events.length - capacity;
        events = events.slice(-capacity);
      }
    },
    get oldest() {
      return base + Math.max(0, events.length - capacity);
    },
    get next() {
      return base + events.length;
    },
    at: (n) => events[n - base]!,
    from(sinceNs) {
      let n = this.next;
      while (n > this.oldest && events[n - 1 - base]!.timeNs >= sinceNs) n--;
      return n;
    },
    clear() {
      base += events.length;
      events = [];
    },
  };
}
