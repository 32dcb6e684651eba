import { enumName, type EnumName } from "@dropscope/model";

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined: an absent key is not a key with nothing in it. */
export function given<T extends object>(object: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) if (value !== undefined) kept[key] = value;
  return kept as Defined<T>;
}

/** proto3 leaves out what is 0 or empty. */
export function number(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

export function text(value: string): string | undefined {
  return value === "" ? undefined : value;
}

/** A 64-bit number is a string in JSON. */
export function long(value: string): string | undefined {
  return value === "0" ? undefined : value;
}

export function list(values: readonly string[] | undefined): string[] | undefined {
  return values === undefined || values.length === 0 ? undefined : [...values];
}

export function enumOf(
  table: Readonly<Record<number, string>>,
  value: number,
): EnumName | undefined {
  return value === 0 ? undefined : enumName(table, value);
}
