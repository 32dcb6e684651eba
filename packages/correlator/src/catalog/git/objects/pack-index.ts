import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { GitTrouble } from "./object.js";

const MAGIC = 0xff744f63;
const FANOUT = 8;
const IDS = FANOUT + 256 * 4;
const ID_BYTES = 20;

/** Where objects are in one pack. Read from the file with every question: packs may hold millions. */
export interface PackIndex {
  /** Offset in the pack; undefined when it does not hold the object. */
  find(id: string): number | undefined;
  close(): void;
}

/** @throws GitTrouble for an index that is damaged, or of the version that git has not written since 2007 */
export function openPackIndex(path: string): PackIndex {
  const file = openSync(path, "r");
  const fileBytes = fstatSync(file).size;
  const read = (at: number, bytes: number): Buffer => {
    const data = Buffer.alloc(bytes);
    if (readSync(file, data, 0, bytes, at) !== bytes)
      throw new GitTrouble("damaged", `${path} is damaged`);
    return data;
  };
  try {
    const head = read(0, IDS);
    if (head.readUInt32BE(0) !== MAGIC || head.readUInt32BE(4) !== 2)
      throw new GitTrouble("unsupported", `${path} is of a version that is not read`);
    const fanout = (byte: number): number => (byte < 0 ? 0 : head.readUInt32BE(FANOUT + byte * 4));
    const count = fanout(255);
    // Ids, checksums and offsets of all; a wrong count would lead anywhere.
    if (IDS + count * (ID_BYTES + 8) > fileBytes)
      throw new GitTrouble("damaged", `${path} is damaged`);
    const offsets = IDS + count * (ID_BYTES + 4);
    const large = offsets + count * 4;

    const offsetAt = (place: number): number => {
      const offset = read(offsets + place * 4, 4).readUInt32BE(0);
      if (offset < 0x80000000) return offset;
      return Number(read(large + (offset - 0x80000000) * 8, 8).readBigUInt64BE(0));
    };
    return {
      find(id) {
        const wanted = Buffer.from(id, "hex");
        const first = wanted[0] as number;
        let low = fanout(first - 1);
        let high = Math.min(count, fanout(first));
        while (low < high) {
          const middle = (low + high) >>> 1;
          const order = read(IDS + middle * ID_BYTES, ID_BYTES).compare(wanted);
          if (order === 0) return offsetAt(middle);
          if (order < 0) low = middle + 1;
          else high = middle;
        }
        return undefined;
      },
      close: () => closeSync(file),
    };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}
