import { quote } from "../engine/sql-text.js";
import { isPresent } from "../read/columns.js";
import type { PresentBit } from "./column.js";

/** Expressions over `flows` that give the cells of an export. Everything here is made of constants. */

/** The name of an enum; its number where this build has no name for it; empty for 0, as in Hubble's JSON. */
export function enumCell(column: string, table: Readonly<Record<number, string>>): string {
  const known = Object.entries(table).filter(([number]) => number !== "0");
  const numbers = known.map(([number]) => number).join(", ");
  const names = known.map(([, name]) => quote(name)).join(", ");
  return `transform(${column}, [${numbers}], [${names}], if(${column} = 0, '', toString(${column})))`;
}

/** `::` is "no address", unless the sender said so; IPv4 is kept v4-mapped. */
export function addressCell(column: string, bit: PresentBit): string {
  const none = `${column} = toIPv6('::') AND NOT ${isPresent(bit)}`;
  return `if(${none}, '', replaceRegexpOne(toString(${column}), '^::ffff:(\\\\d+\\\\.)', '\\\\1'))`;
}

export function macCell(column: string, bit: PresentBit): string {
  const hex = `leftPad(lower(hex(${column})), 12, '0')`;
  return `if(${isPresent(bit)}, arrayStringConcat(extractAll(${hex}, '..'), ':'), '')`;
}

export function textCell(column: string): string {
  return `toString(${column})`;
}

/** 64-bit and smaller numbers of which 0 means that there was none. */
export function numberCell(column: string): string {
  return `nullIf(${column}, 0)`;
}

/** A number that is one only when the condition holds. */
export function numberWhere(condition: string, column: string): string {
  return `if(${condition}, ${column}, NULL)`;
}

export function listCell(list: string): string {
  return `CAST(${list}, 'Array(String)')`;
}

export const EMPTY_LIST = "CAST([], 'Array(String)')";
