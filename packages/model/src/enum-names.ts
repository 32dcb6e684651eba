import type { EnumName } from "./flow.js";

/** One of the tables of `enums.gen.ts`. */
export type EnumTable = Readonly<Record<number, string>>;

const numbersByName = new WeakMap<EnumTable, Map<string, number>>();

/** The name of a proto enum number; the number itself where this build has no name for it. */
export function enumName(table: EnumTable, value: number): EnumName {
  return table[value] ?? value;
}

/**
 * The number of a proto enum value in JSON; absent is 0, as in proto3.
 * `undefined` for a name that this build does not know.
 */
export function enumNumber(table: EnumTable, value: EnumName | undefined): number | undefined {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  let names = numbersByName.get(table);
  if (names === undefined) {
    names = new Map(Object.entries(table).map(([number, name]) => [name, Number(number)]));
    numbersByName.set(table, names);
  }
  return names.get(value);
}

/** What Go prints for an enum: its name, or the number where there is none. */
export function enumText(table: EnumTable, value: EnumName | undefined): string {
  const number = enumNumber(table, value);
  return number === undefined ? String(value) : String(enumName(table, number));
}
