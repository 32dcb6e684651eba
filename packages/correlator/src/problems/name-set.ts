import { createHash } from "node:crypto";
import type { NameSet } from "@dropscope/store";

const NAMED = 50;
const SKETCHED = 256;
/** Of the hash. */
const RANGE = 2 ** 48;

export const NO_NAMES: NameSet = { names: [], count: 0, sketch: [] };

/**
 * Adds a name; the same set when it was there. How many there are is told from the smallest 256
 * hashes: up to that many exactly, beyond by how dense they lie.
 */
export function withName(set: NameSet, name: string): NameSet {
  if (name === "" || set.names.includes(name)) return set;
  const hash = hashOf(name);
  const at = insertAt(set.sketch, hash);
  if (set.sketch[at] === hash) return set;
  if (set.sketch.length === SKETCHED && at === SKETCHED) return set;
  const sketch = [...set.sketch.slice(0, at), hash, ...set.sketch.slice(at)].slice(0, SKETCHED);
  const names = set.names.length < NAMED ? [...set.names, name] : set.names;
  return { names, sketch, count: countOf(sketch) };
}

function countOf(sketch: readonly number[]): number {
  if (sketch.length < SKETCHED) return sketch.length;
  const largest = sketch[SKETCHED - 1] as number;
  return Math.max(SKETCHED, Math.round(((SKETCHED - 1) / largest) * RANGE));
}

function insertAt(sketch: readonly number[], hash: number): number {
  let low = 0;
  let high = sketch.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sketch[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 48 bits, evenly spread; equal on every machine. */
function hashOf(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6);
}
