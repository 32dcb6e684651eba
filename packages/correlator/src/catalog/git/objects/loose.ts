import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { inflateSync, constants } from "node:zlib";
import { inflate, packedBound } from "./inflate.js";
import { checkSize, GIT_TYPES, GitTrouble, type GitObject, type GitType } from "./object.js";

/** `commit 1234\0` takes no more. */
const HEAD_BYTES = 32;

/** Reads `objects/ab/cdef…`; undefined when there is none. @throws GitTrouble */
export function readLoose(objects: string, id: string): GitObject | undefined {
  let file: number;
  try {
    file = openSync(join(objects, id.slice(0, 2), id.slice(2)), "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size: fileBytes } = fstatSync(file);
    const start = Buffer.alloc(Math.min(fileBytes, 256));
    readSync(file, start, 0, start.length, 0);
    const { type, bytes, head } = headOf(start, id);
    checkSize(id, type, bytes);
    const packed = Buffer.alloc(Math.min(fileBytes, packedBound(bytes + head)));
    readSync(file, packed, 0, packed.length, 0);
    return { type, data: inflate(packed, bytes + head, `object ${id}`).subarray(head) };
  } finally {
    closeSync(file);
  }
}

/** Type and size, before any of the content is unpacked. */
function headOf(start: Buffer, id: string): { type: GitType; bytes: number; head: number } {
  let text: string;
  try {
    // The output is small because the input is: 256 bytes of zlib make 256 KiB at most.
    text = inflateSync(start, { finishFlush: constants.Z_SYNC_FLUSH })
      .subarray(0, HEAD_BYTES)
      .toString("latin1");
  } catch (error) {
    throw new GitTrouble("damaged", `object ${id} is damaged`, { cause: error });
  }
  const [head, type, size] = /^(\w+) (\d{1,15})\0/.exec(text) ?? [];
  const known = GIT_TYPES.find((one) => one === type);
  if (head === undefined || known === undefined)
    throw new GitTrouble("damaged", `object ${id} is damaged`);
  return { type: known, bytes: Number(size), head: head.length };
}
