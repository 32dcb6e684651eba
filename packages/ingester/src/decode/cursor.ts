import type { RejectReason } from "./types.js";

/** What the walk throws inside the decoder: made once per reason, never seen outside. */
export class Malformed extends Error {
  readonly reason: RejectReason;

  constructor(reason: RejectReason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = {
  truncated: new Malformed("truncated"),
  "bad-varint": new Malformed("bad-varint"),
  "bad-tag": new Malformed("bad-tag"),
  "wire-type": new Malformed("wire-type"),
} as const;

/** A singular field came twice: legal, merged by every protobuf reader, and never sent. See `decoder.ts`. */
export const REPEATED = new Error("repeated field");

export function repeated(): never {
  throw REPEATED;
}

export function malformed(reason: keyof typeof REASONS): never {
  throw REASONS[reason];
}

// Wire types, the low three bits of a tag.
const VARINT = 0;
const I64 = 1;
const LEN = 2;
const I32 = 5;

// A varint has at most 10 bytes, a word is read 4 bytes at a time: with this many zeros behind
// the message no read needs a bounds check of its own. The end of each message is checked instead.
const SLACK = 16;

/**
 * Reads protobuf wire format from a buffer of its own, into which each message is copied: the
 * code then always sees the same typed array, and bytes behind the message are zero.
 */
export class Cursor {
  bytes = new Uint8Array(1 << 16);
  view = new DataView(this.bytes.buffer);
  pos = 0;
  /** Halves of the last `varint64`. */
  low = 0;
  high = 0;

  load(message: Uint8Array): void {
    const length = message.length;
    if (length + SLACK > this.bytes.length) {
      let size = this.bytes.length;
      while (length + SLACK > size) size *= 2;
      this.bytes = new Uint8Array(size);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(message);
    this.view.setFloat64(length, 0);
    this.view.setFloat64(length + 8, 0);
    this.pos = 0;
  }

  /** A varint as uint32: higher bits are cut off, as every protobuf reader does. */
  varint(): number {
    const { bytes } = this;
    let pos = this.pos;
    let byte = bytes[pos++]!;
    if (byte < 0x80) {
      this.pos = pos;
      return byte;
    }
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[pos++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.pos = pos;
        return value >>> 0;
      }
    }
    for (let i = 0; i < 5; i++)
      if (bytes[pos++]! < 0x80) {
        this.pos = pos;
        return value >>> 0;
      }
    return malformed("bad-varint");
  }

  /** A varint as int32, for enums and int32 fields. */
  signed(): number {
    return this.varint() | 0;
  }

  /** A varint as two halves in `low` and `high`. */
  varint64(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[this.pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    malformed("bad-varint");
  }

  /** A bool: any bit set, also one above 2^32. */
  bool(): boolean {
    this.varint64();
    return this.low !== 0 || this.high !== 0;
  }

  /** The length of what follows, which must lie before `end`. Returns the position behind it. */
  length(end: number): number {
    const first = this.bytes[this.pos]!;
    let length = first;
    if (first < 0x80) this.pos++;
    else {
      this.varint64();
      if (this.high !== 0) malformed("truncated");
      length = this.low;
    }
    if (length > end - this.pos) malformed("truncated");
    return this.pos + length;
  }

  /** @returns a tag; the field number is `tag >>> 3`. */
  tag(): number {
    const tag = this.varint();
    if (tag < 8) malformed("bad-tag");
    return tag;
  }

  /** Steps over the value behind `tag`. Groups are refused: no Hubble message has one. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint();
        break;
      case I64:
        this.pos += 8;
        break;
      case LEN:
        this.pos = this.length(end);
        break;
      case I32:
        this.pos += 4;
        break;
      default:
        malformed("wire-type");
    }
    if (this.pos > end) malformed("truncated");
  }
}
