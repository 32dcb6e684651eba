/** An object as it was written, of which nothing is known. */
export type Json = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Empty for everything that is no object, so that reading further needs no check. */
export function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** Empty for everything that is no list. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Empty for everything that is no text. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Whether the key is written with something other than null: `null` and absence are the same to the API server. */
export function has(value: Json, key: string): boolean {
  return Object.hasOwn(value, key) && value[key] !== null && value[key] !== undefined;
}

/** Texts of an object's texts: labels, annotations, node selectors. */
export function textMap(value: unknown): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [key, entry] of Object.entries(record(value)))
    if (typeof entry === "string") map.set(key, entry);
  return map;
}

/** A value of whatever type in a message, shortened. */
export function show(value: unknown): string {
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}
