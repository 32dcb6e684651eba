import { formatTime } from "../traffic/generator.js";
import { encodeEvent, encodeLoss, type Loss, type Sent } from "./encode.js";
import type { FlowQuery } from "./request.js";
import type { Ring } from "./ring.js";

/** One reader's place in one node's ring. */
export interface Cursor {
  /** The next response, "wait" when there is none yet, "end" when there will be none. */
  next(): Sent | "wait" | "end";
}

export interface CursorOptions {
  ring: Ring;
  nodeName: string;
  query: FlowQuery;
  startMs: number;
  /** Offset of the present moment, ns. */
  now: () => number;
}

/** Losses of one reader are summed up and sent at most this often (Hubble 1.19). */
const LOSS_INTERVAL_NS = 1_000_000_000;

/** Answers GetFlows for one node as an agent does. */
export function createCursor({ ring, nodeName, query, startMs, now }: CursorOptions): Cursor {
  let position = startPosition(ring, query);
  let left = query.follow || query.number === 0 ? Infinity : query.number;
  let loss: Loss | undefined;
  let lossSentAt = -Infinity;

  const text = (): string => formatTime(startMs, Math.round(now()));

  function noticeLoss(): void {
    const missed = ring.oldest - position;
    if (missed <= 0) return;
    const time = text();
    loss = { count: (loss?.count ?? 0) + missed, first: loss?.first ?? time, last: time };
    position = ring.oldest;
  }

  return {
    next() {
      for (;;) {
        if (left <= 0) return "end";
        noticeLoss();
        if (position >= ring.end) return query.follow ? "wait" : "end";
        // The sum goes out before a further event: a stream that ends sooner drops it silently.
        if (loss !== undefined && now() - lossSentAt >= LOSS_INTERVAL_NS) {
          const sent = encodeLoss(nodeName, text(), loss);
          loss = undefined;
          lossSentAt = now();
          return sent;
        }
        const event = ring.read(position);
        if (query.until !== undefined && event.at > query.until) return "end";
        position++;
        if (event.flow !== undefined) {
          if (!query.passes(event.flow)) continue;
          left--;
        }
        return encodeEvent(event, nodeName, query.mask);
      }
    },
  };
}

function startPosition(ring: Ring, query: FlowQuery): number {
  const { oldest, end } = ring;
  if (query.since !== undefined) return firstSince(ring, query.since);
  if (query.first) return oldest;
  if (query.number > 0) return rewind(ring, query);
  return query.follow ? end : oldest;
}

/** Older than the ring: starts at the oldest event without a word, as Hubble does. */
function firstSince(ring: Ring, since: number): number {
  let position = ring.oldest;
  while (position < ring.end && ring.read(position).at < since) position++;
  return position;
}

/** Back from the newest event until `number` flows match; losses do not count. */
function rewind(ring: Ring, query: FlowQuery): number {
  let position = ring.end;
  let found = 0;
  while (position > ring.oldest && found < query.number) {
    position--;
    const { flow } = ring.read(position);
    if (flow !== undefined && query.passes(flow)) found++;
  }
  return position;
}
