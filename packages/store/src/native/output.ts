/** A buffer of known size that is filled from front to back. */
export class Output {
  readonly bytes: Uint8Array<ArrayBuffer>;
  at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }

  u64(value: number): void {
    const low = value % 0x1_0000_0000;
    const high = Math.floor(value / 0x1_0000_0000);
    const { bytes, at } = this;
    bytes[at] = low;
    bytes[at + 1] = low >>> 8;
    bytes[at + 2] = low >>> 16;
    bytes[at + 3] = low >>> 24;
    bytes[at + 4] = high;
    bytes[at + 5] = high >>> 8;
    bytes[at + 6] = high >>> 16;
    bytes[at + 7] = high >>> 24;
    this.at = at + 8;
  }

  copy(source: Uint8Array, start: number, end: number): void {
    this.bytes.set(source.subarray(start, end), this.at);
    this.at += end - start;
  }

  /** The buffer is zero from the start: defaults are stepped over. */
  zeros(count: number): void {
    this.at += count;
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.varint(bytes.length);
    this.copy(bytes, 0, bytes.length);
  }
}

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Bytes of a typed array, as they lie in memory (every platform that Node runs on is little-endian, as Native is). */
export function rawBytes(array: ArrayBufferView, length: number): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, length);
}
