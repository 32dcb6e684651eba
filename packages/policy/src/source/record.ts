/**
 * Records for keys that strangers choose. Nothing is inherited from
 * `Object.prototype`, so `__proto__` and `constructor` are keys like any other;
 * unlike `Object.create(null)` they keep V8's fast layout, which counts with
 * hundreds of thousands of small maps.
 */
export type PlainRecord = Record<string, unknown>;

const Bare = function () {} as unknown as new () => PlainRecord;
(Bare as unknown as { prototype: object }).prototype = Object.create(null) as object;

export function emptyRecord<T = unknown>(): Record<string, T> {
  return new Bare() as Record<string, T>;
}

export function isRecord(value: unknown): value is PlainRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
