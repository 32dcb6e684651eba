import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { applyDelta, resultSize } from "./delta.js";
import { inflate, packedBound } from "./inflate.js";
import { checkSize, type GitObject, GitTrouble, type GitType, MOST_BYTES } from "./object.js";

/** Deltas on deltas; git itself never makes more than 4095. */
const MAX_CHAIN = 4096;
/** Bytes of the deltas of one object together. */
const MAX_CHAIN_BYTES = 128 * 1024 * 1024;
/** What an object is made of may be larger than itself. */
const MAX_BASE_BYTES = 64 * 1024 * 1024;
/** Bases are used again and again: those of neighbouring versions are the same. */
const CACHE_BYTES = 16 * 1024 * 1024;
/** Type, size and the reference of a delta. */
const HEAD_BYTES = 48;
/** A checksum ends every pack. */
const TRAILER_BYTES = 20;

const TYPES: Readonly<Record<number, GitType>> = { 1: "commit", 2: "tree", 3: "blob", 4: "tag" };
const OFFSET_DELTA = 6;
const ID_DELTA = 7;

export interface Pack {
  /** @throws GitTrouble */
  read(offset: number, id: string): GitObject;
  close(): void;
}

interface Entry {
  readonly type: number;
  /** Of the content, unpacked. */
  readonly bytes: number;
  readonly at: number;
  /** What a delta builds upon. */
  readonly base: { readonly offset: number } | { readonly id: string } | undefined;
}

/** @param readId an object by its name: a delta may build upon one of another pack */
export function openPack(path: string, readId: (id: string) => GitObject): Pack {
  const file = openSync(path, "r");
  const end = fstatSync(file).size - TRAILER_BYTES;
  const bases = createCache();

  const bytesAt = (at: number, bytes: number): Buffer => {
    const data = Buffer.alloc(Math.max(0, Math.min(bytes, end - at)));
    return data.subarray(0, readSync(file, data, 0, data.length, at));
  };

  const entryAt = (offset: number): Entry => {
    const head = bytesAt(offset, HEAD_BYTES);
    let at = 0;
    const next = (): number => {
      const byte = head[at++];
      if (byte === undefined) throw new GitTrouble("damaged", `${path} is damaged`);
      return byte;
    };
    let byte = next();
    const type = (byte >> 4) & 7;
    let bytes = byte & 15;
    for (let factor = 16; byte >= 0x80; factor *= 128) bytes += ((byte = next()) & 0x7f) * factor;
    if (type === ID_DELTA) {
      const id = head.subarray(at, at + 20).toString("hex");
      return { type, bytes, at: offset + at + 20, base: { id } };
    }
    if (type !== OFFSET_DELTA) return { type, bytes, at: offset + at, base: undefined };
    byte = next();
    let back = byte & 0x7f;
    while (byte >= 0x80) back = (back + 1) * 128 + ((byte = next()) & 0x7f);
    // Backwards only: so a chain ends.
    if (back <= 0 || back > offset) throw new GitTrouble("damaged", `${path} is damaged`);
    return { type, bytes, at: offset + at, base: { offset: offset - back } };
  };

  const contentOf = ({ at, bytes }: Entry, most: number, id: string): Buffer => {
    if (bytes > most)
      throw new GitTrouble("too-large", `object ${id} is too large (${bytes} bytes)`);
    return inflate(bytesAt(at, packedBound(bytes)), bytes, `object ${id}`);
  };

  return {
    read(offset, id) {
      const deltas: { readonly offset: number; readonly data: Buffer }[] = [];
      let held = 0;
      let found: GitObject | undefined = bases.get(offset);
      for (let at = offset; found === undefined;) {
        const entry = entryAt(at);
        const type = TYPES[entry.type];
        if (type !== undefined) {
          const most = deltas.length === 0 ? MOST_BYTES[type] : MAX_BASE_BYTES;
          found = { type, data: contentOf(entry, most, id) };
          bases.put(at, found);
          break;
        }
        if (entry.base === undefined || deltas.length >= MAX_CHAIN)
          throw new GitTrouble("damaged", `${path} is damaged`);
        const data = contentOf(entry, MAX_BASE_BYTES, id);
        held += data.length;
        if (resultSize(data) > MAX_BASE_BYTES || held > MAX_CHAIN_BYTES)
          throw new GitTrouble("too-large", `object ${id} is too large`);
        deltas.push({ offset: at, data });
        if ("id" in entry.base) found = readId(entry.base.id);
        else found = bases.get((at = entry.base.offset));
      }
      for (const { offset: at, data } of deltas.reverse()) {
        found = { type: found.type, data: applyDelta(found.data, data) };
        bases.put(at, found);
      }
      checkSize(id, found.type, found.data.length);
      return found;
    },
    close: () => closeSync(file),
  };
}

interface Cache {
  get(offset: number): GitObject | undefined;
  put(offset: number, object: GitObject): void;
}

/** The ones that were not used for longest go. */
function createCache(): Cache {
  const kept = new Map<number, GitObject>();
  let bytes = 0;
  return {
    get(offset) {
      const found = kept.get(offset);
      if (found === undefined) return undefined;
      kept.delete(offset);
      kept.set(offset, found);
      return found;
    },
    put(offset, object) {
      if (kept.has(offset) || object.data.length > CACHE_BYTES / 4) return;
      kept.set(offset, object);
      bytes += object.data.length;
      for (const [oldest, { data }] of kept) {
        if (bytes <= CACHE_BYTES) break;
        kept.delete(oldest);
        bytes -= data.length;
      }
    },
  };
}
