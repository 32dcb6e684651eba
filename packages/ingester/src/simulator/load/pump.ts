import type { ServerHttp2Stream } from "node:http2";
import type { Frames } from "./frames.js";
import { writeCounter, writeTime } from "./patch.js";

export interface Pump {
  start(): void;
  stop(): void;
}

export interface PumpOptions {
  /** Counts over all streams of the source. */
  shared: { sent: number; total: number };
  flowsPerSecond: number | undefined;
  onDone(): void;
}

/** Bytes of one write: large enough that calls cost nothing, small enough to keep the rate even. */
const CHUNK_BYTES = 128 * 1024;
/** Pause between bursts when a rate is asked for. */
const BURST_MS = 5;

/**
 * Writes frames into one stream for as long as the receiver's flow-control window takes
 * them: a write that is not done yet holds back the next.
 */
export function createPump(stream: ServerHttp2Stream, frames: Frames, options: PumpOptions): Pump {
  const { shared, flowsPerSecond } = options;
  const count = frames.starts.length - 1;
  let next = shared.sent % count;
  let stopped = false;
  let startedAt = 0;
  let mine = 0;
  let timer: NodeJS.Timeout | undefined;

  function pump(): void {
    while (!stopped) {
      const left = shared.total - shared.sent;
      if (left <= 0) {
        stopped = true;
        options.onDone();
        return;
      }
      const due = dueNow();
      if (due <= 0) {
        timer = setTimeout(pump, BURST_MS);
        return;
      }
      // Node keeps what the window does not take: stop at the first refusal.
      if (!stream.write(chunk(Math.min(left, due)))) return;
    }
  }

  function dueNow(): number {
    if (flowsPerSecond === undefined) return Infinity;
    return Math.floor(((performance.now() - startedAt) / 1000) * flowsPerSecond) - mine;
  }

  /** The next frames, at most `limit`, with ids and times of this moment. */
  function chunk(limit: number): Buffer {
    const first = next;
    const from = frames.starts[first] as number;
    let last = first;
    while (
      last < count &&
      last - first < limit &&
      (frames.starts[last] as number) - from < CHUNK_BYTES
    ) {
      last++;
    }
    const bytes = Buffer.allocUnsafe((frames.starts[last] as number) - from);
    frames.bytes.copy(bytes, 0, from, frames.starts[last]);
    const nowMs = performance.timeOrigin + performance.now();
    const seconds = Math.floor(nowMs / 1000);
    const baseNanos = Math.floor((nowMs - seconds * 1000) * 1e6);
    for (let i = first; i < last; i++) {
      const patch = frames.patches[i];
      if (patch === undefined) break;
      const nanos = Math.min(999_999_999, baseNanos + (i - first));
      writeCounter(bytes, patch.uuid - from, shared.sent++);
      writeTime(bytes, patch.times[0] - from, seconds, nanos);
      writeTime(bytes, patch.times[1] - from, seconds, nanos);
    }
    mine += last - first;
    next = last === count ? 0 : last;
    return bytes;
  }

  stream.on("drain", pump);
  return {
    start() {
      startedAt = performance.now();
      pump();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
