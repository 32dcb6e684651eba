/** Small pieces of SQL. Everything here is made of constants and placeholders. */

export function and(parts: readonly string[]): string {
  const kept = parts.filter((part) => part !== "1");
  if (kept.includes("0")) return "0";
  return kept.length === 0 ? "1" : kept.length === 1 ? (kept[0] ?? "1") : `(${kept.join(" AND ")})`;
}

export function or(parts: readonly string[]): string {
  const kept = parts.filter((part) => part !== "0");
  if (kept.includes("1")) return "1";
  return kept.length === 0 ? "0" : kept.length === 1 ? (kept[0] ?? "0") : `(${kept.join(" OR ")})`;
}

export function not(part: string): string {
  if (part === "0") return "1";
  return part === "1" ? "0" : `NOT ${part}`;
}

/** One RE2 expression over the whole text, of several. */
export function anchored(patterns: readonly string[]): string {
  return `^(?:${patterns.join("|")})$`;
}
