import type { Flow } from "@dropscope/model";

/** Members of `rest` that are not fields of a flow: bytes of unknown fields, and "something was too long". */
const MARKS = ["unknown", "…"];

/**
 * Merges what no column could hold over a flow: objects key by key, everything else is
 * replaced. Fields unknown to this build are kept in the store and, like unknown fields in
 * Hubble's own JSON, not shown.
 */
export function mergeRest(flow: Flow, rest: string): Record<string, unknown> {
  const merged = merge(flow, JSON.parse(rest)) as Record<string, unknown>;
  for (const mark of MARKS) delete merged[mark];
  return merged;
}

function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key === "__proto__") continue;
    merged[key] = Object.hasOwn(base, key) ? merge(base[key], value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
