/** Short byte strings, each kept once under a small number; 0 is the empty string. */
export class AtomTable {
  /** Bytes of all atoms, one after the other. Replaced when it grows. */
  arena = new Uint8Array(1 << 16);
  #ends = new Uint32Array(1 << 10);
  #hashes = new Int32Array(1 << 10);
  /** Open addressing; 0 is a free slot, so atom 0 is never looked up here. */
  #slots = new Int32Array(1 << 12);
  #size = 1;

  /** Atoms, the empty one included. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of all atoms. */
  get bytes(): number {
    return this.#ends[this.#size - 1]!;
  }

  startOf(atom: number): number {
    return atom === 0 ? 0 : this.#ends[atom - 1]!;
  }

  endOf(atom: number): number {
    return this.#ends[atom]!;
  }

  /** The atom of these bytes, or -1. */
  find(source: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const hash = hashOf(source, start, end);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const atom = this.#slots[slot]!;
      if (atom === 0) return -1;
      if (this.#hashes[atom] === hash && this.#equals(atom, source, start, end)) return atom;
    }
  }

  intern(source: Uint8Array, start: number, end: number): number {
    const found = this.find(source, start, end);
    return found === -1 ? this.#add(source, start, end) : found;
  }

  internText(text: string): number {
    const bytes = encoder.encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  text(atom: number): string {
    return decoder.decode(this.arena.subarray(this.startOf(atom), this.endOf(atom)));
  }

  /** Forgets all atoms. Only between blocks: columns that hold atoms must be reset with it. */
  clear(): void {
    this.#size = 1;
    this.#slots.fill(0);
  }

  #equals(atom: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#ends[atom - 1]!;
    const length = end - start;
    if (this.#ends[atom]! - from !== length) return false;
    const arena = this.arena;
    for (let i = 0; i < length; i++) if (arena[from + i] !== source[start + i]) return false;
    return true;
  }

  #add(source: Uint8Array, start: number, end: number): number {
    const atom = this.#size;
    if (atom === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#hashes = doubledSigned(this.#hashes);
    }
    if (atom * 2 >= this.#slots.length) this.#rehash();
    const from = this.#ends[atom - 1]!;
    const length = end - start;
    while (from + length > this.arena.length) {
      const arena = new Uint8Array(this.arena.length * 2);
      arena.set(this.arena);
      this.arena = arena;
    }
    this.arena.set(source.subarray(start, end), from);
    this.#ends[atom] = from + length;
    const hash = hashOf(source, start, end);
    this.#hashes[atom] = hash;
    this.#place(hash, atom);
    this.#size = atom + 1;
    return atom;
  }

  #place(hash: number, atom: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = atom;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let atom = 1; atom < this.#size; atom++) this.#place(this.#hashes[atom]!, atom);
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// A random start: whoever writes our strings cannot choose ones that meet in one slot.
const seed = (Math.random() * 0x1_0000_0000) | 0;

function hashOf(source: Uint8Array, start: number, end: number): number {
  let hash = seed ^ (end - start);
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(array.length * 2);
  next.set(array);
  return next;
}

function doubledSigned(array: Int32Array): Int32Array<ArrayBuffer> {
  const next = new Int32Array(array.length * 2);
  next.set(array);
  return next;
}
