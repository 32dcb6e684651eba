/** Bytes of a stream that are not dealt with yet, in one piece: `buffer[start, end)`. */
export interface Window {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Index of the first line feed at or behind `from`, or -1. Remembers what it found. */
  lineFeed(from: number): number;
  /** Index of `bytes` in `[from, to)`, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number;
  append(chunk: Uint8Array): void;
  drop(bytes: number): void;
}

const LF = 0x0a;
const FIRST_SIZE = 256 * 1024;

/** Grows by doubling, so that a value of n bytes costs O(n) copies however small the chunks are. */
export function createWindow(): Window {
  let buffer = Buffer.alloc(FIRST_SIZE);
  let start = 0;
  let end = 0;
  // No line feed stands in [knownFrom, knownTo); `known` is where the next one stands, or -1.
  let knownFrom = 0;
  let knownTo = 0;
  let known = -1;

  function moved(by: number): void {
    knownFrom -= by;
    knownTo -= by;
    if (known >= 0) known -= by;
  }

  return {
    get buffer() {
      return buffer;
    },
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    lineFeed(from) {
      if (from >= knownFrom && known >= from) return known;
      let search = from;
      if (from >= knownFrom && known < 0 && knownTo > from) search = knownTo;
      else knownFrom = from;
      const found = buffer.subarray(search, end).indexOf(LF);
      known = found < 0 ? -1 : search + found;
      knownTo = found < 0 ? end : known;
      return known;
    },
    find(bytes, from, to) {
      const found = buffer.subarray(from, to).indexOf(bytes);
      return found < 0 ? -1 : from + found;
    },
    append(chunk) {
      if (end + chunk.length > buffer.length) {
        const held = end - start;
        let target = buffer;
        if (held + chunk.length > buffer.length / 2) {
          let size = buffer.length;
          while (size < (held + chunk.length) * 2) size *= 2;
          target = Buffer.alloc(size);
        }
        buffer.copy(target, 0, start, end);
        buffer = target;
        moved(start);
        start = 0;
        end = held;
      }
      buffer.set(chunk, end);
      end += chunk.length;
    },
    drop(bytes) {
      start += bytes;
      if (start < end) return;
      moved(start);
      start = 0;
      end = 0;
    },
  };
}
