/** Finds 16-byte ids in a list of them, without an object per id. */
export interface IdIndex {
  /** One byte per id of the list: 1 once it was marked. */
  readonly flags: Uint8Array;
  /** Marks every place in the list that holds the 16 bytes at `at`. */
  readonly mark: (bytes: Uint8Array, at: number) => void;
}

export function createIdIndex(ids: Uint8Array): IdIndex {
  const count = Math.floor(ids.length / 16);
  const flags = new Uint8Array(count);
  let slots = 16;
  while (slots < count * 2) slots *= 2;
  // Place in the list plus one; places with the same id are chained.
  const heads = new Int32Array(slots);
  const next = new Int32Array(count);
  const list = new DataView(ids.buffer, ids.byteOffset, ids.byteLength);

  function slotOf(view: DataView, at: number): number {
    const mixed = Math.imul(view.getUint32(at) ^ view.getUint32(at + 8), 0x9e3779b1);
    return (
      (mixed ^ (mixed >>> 15) ^ view.getUint32(at + 4) ^ view.getUint32(at + 12)) & (slots - 1)
    );
  }

  for (let place = 0; place < count; place += 1) {
    const slot = slotOf(list, place * 16);
    next[place] = heads[slot] as number;
    heads[slot] = place + 1;
  }

  return {
    flags,
    mark(bytes, at) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let place = heads[slotOf(view, at)] as number;
      while (place > 0) {
        const here = (place - 1) * 16;
        if (
          list.getUint32(here) === view.getUint32(at) &&
          list.getUint32(here + 4) === view.getUint32(at + 4) &&
          list.getUint32(here + 8) === view.getUint32(at + 8) &&
          list.getUint32(here + 12) === view.getUint32(at + 12)
        ) {
          flags[place - 1] = 1;
        }
        place = next[place - 1] as number;
      }
    },
  };
}
