import { inflateSync } from "node:zlib";
import { GitTrouble } from "./object.js";

/**
 * The first bytes of a zlib stream, exactly as many as it should hold. What follows the stream is
 * not looked at; a stream that holds more is stopped there, so that no small file becomes a large one.
 */
export function inflate(packed: Uint8Array, bytes: number, what: string): Buffer {
  let data: Buffer;
  try {
    data = inflateSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    throw new GitTrouble("damaged", `${what} is damaged`, { cause: error });
  }
  if (data.length !== bytes) throw new GitTrouble("damaged", `${what} is damaged`);
  return data;
}

/** The most bytes that zlib makes of so many. */
export function packedBound(bytes: number): number {
  return bytes + Math.ceil(bytes / 1000) + 64;
}
