import type { Wire } from "@dropscope/hubble";
import type { Coded, Lists, Texts } from "@dropscope/store";
import { bytes, varint } from "./tags.js";

/** Fields of one row, left out where proto3 leaves them out: 0 and empty. */

export function putNumber(wire: Wire, number: number, value: number): void {
  if (value !== 0) wire.varint(varint(number), value);
}

export function putInt32(wire: Wire, number: number, value: number): void {
  if (value !== 0) wire.int32(varint(number), value);
}

export function putWords(wire: Wire, number: number, words: Uint32Array, row: number): void {
  const low = words[2 * row] as number;
  const high = words[2 * row + 1] as number;
  if (low !== 0 || high !== 0) wire.words(varint(number), low, high);
}

export function putText(wire: Wire, number: number, column: Texts, row: number): void {
  const start = column.starts[row] as number;
  const end = column.ends[row] as number;
  if (end > start) wire.delimited(bytes(number), column.bytes, start, end);
}

export function putCoded(wire: Wire, number: number, column: Coded, row: number): void {
  putText(wire, number, column.keys, column.codes[row] as number);
}

/** Repeated texts: an empty one among them counts. */
export function putTexts(wire: Wire, number: number, column: Lists, row: number): void {
  const end = column.ends[row] as number;
  for (let at = row === 0 ? 0 : (column.ends[row - 1] as number); at < end; at++) {
    const { items } = column;
    if (items.kind === "coded") putOne(wire, number, items.keys, items.codes[at] as number);
    else putOne(wire, number, items as Texts, at);
  }
}

function putOne(wire: Wire, number: number, column: Texts, at: number): void {
  wire.delimited(
    bytes(number),
    column.bytes,
    column.starts[at] as number,
    column.ends[at] as number,
  );
}

export function putStrings(wire: Wire, number: number, values: readonly string[]): void {
  for (const value of values) wire.string(bytes(number), value);
}
