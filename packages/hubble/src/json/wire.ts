/** Protobuf wire bytes, written front to back. Tags are `number << 3 | type`. */
export interface Wire {
  reset(): void;
  varint(tag: number, value: number): void;
  /** A negative value takes ten bytes, as protobuf has it. */
  int32(tag: number, value: number): void;
  varint64(tag: number, value: bigint): void;
  /** A 64-bit number in two halves. */
  words(tag: number, low: number, high: number): void;
  string(tag: number, value: string): void;
  /** A text or a message that is bytes already. */
  delimited(tag: number, bytes: Uint8Array, start: number, end: number): void;
  /** Fields that are encoded already, tags included. */
  raw(bytes: Uint8Array): void;
  /** Starts a nested message; give the result to `close`. */
  open(tag: number): number;
  close(mark: number): void;
  /** A copy of what was written since `reset`. */
  bytes(): Uint8Array<ArrayBuffer>;
  /** What was written since `reset`, until the next one. */
  view(): Uint8Array;
}

export function createWire(): Wire {
  let buffer = Buffer.alloc(64 * 1024);
  let at = 0;

  function room(bytes: number): void {
    if (at + bytes <= buffer.length) return;
    let size = buffer.length * 2;
    while (size < at + bytes) size *= 2;
    const grown = Buffer.alloc(size);
    buffer.copy(grown, 0, 0, at);
    buffer = grown;
  }

  function raw(value: number): void {
    let rest = value;
    while (rest > 127) {
      buffer[at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[at++] = rest;
  }

  function raw64(value: bigint): void {
    let rest = value;
    while (rest > 127n) {
      buffer[at++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    buffer[at++] = Number(rest);
  }

  return {
    reset() {
      at = 0;
    },
    varint(tag, value) {
      room(10);
      raw(tag >>> 0);
      raw(value);
    },
    int32(tag, value) {
      room(15);
      raw(tag >>> 0);
      if (value >= 0) raw(value);
      else raw64(BigInt.asUintN(64, BigInt(value)));
    },
    varint64(tag, value) {
      room(15);
      raw(tag >>> 0);
      raw64(value);
    },
    words(tag, low, high) {
      if (high === 0) {
        room(10);
        raw(tag >>> 0);
        raw(low);
        return;
      }
      room(15);
      raw(tag >>> 0);
      raw64((BigInt(high) << 32n) | BigInt(low));
    },
    delimited(tag, bytes, start, end) {
      const length = end - start;
      room(10 + length);
      raw(tag >>> 0);
      raw(length);
      // Most are short: a loop beats the call into the engine.
      if (length < 24) for (let from = start; from < end; from += 1) buffer[at++] = bytes[from]!;
      else {
        buffer.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), at);
        at += length;
      }
    },
    raw(bytes) {
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    string(tag, value) {
      room(10 + value.length * 3);
      raw(tag >>> 0);
      if (value.length < 128) {
        // Nearly every string is short ASCII: a loop beats the call into the engine.
        const begin = at + 1;
        let index = 0;
        for (; index < value.length; index += 1) {
          const code = value.charCodeAt(index);
          if (code > 127) break;
          buffer[begin + index] = code;
        }
        if (index === value.length) {
          buffer[at] = value.length;
          at = begin + value.length;
          return;
        }
      }
      raw(Buffer.byteLength(value));
      at += buffer.write(value, at, "utf8");
    },
    open(tag) {
      room(10);
      raw(tag >>> 0);
      at += 1; // the length, when it fits into one byte
      return at;
    },
    close(mark) {
      const length = at - mark;
      if (length < 128) {
        buffer[mark - 1] = length;
        return;
      }
      let extra = 0;
      for (let rest = length >>> 7; rest > 0; rest >>>= 7) extra += 1;
      room(extra);
      buffer.copyWithin(mark + extra, mark, at);
      at = mark - 1;
      raw(length);
      at += length;
    },
    view: () => buffer.subarray(0, at),
    bytes() {
      const copy = new Uint8Array(at);
      copy.set(buffer.subarray(0, at));
      return copy;
    },
  };
}
