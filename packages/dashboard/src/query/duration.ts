const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `15m`, `1h30m`, `7d`, `0.5s` → ms; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text.length > 40 || !/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return total;
}

/** ms → `15 minutes`, `24 hours`, `7 days`: the largest unit that divides it. */
export function sayDuration(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, "day"],
    [3_600_000, "hour"],
    [60_000, "minute"],
    [1_000, "second"],
  ];
  for (const [size, name] of units) {
    // "24 hours" says more than "1 day".
    if (ms % size === 0 && ms / size > (size === 86_400_000 ? 1 : 0)) {
      return `${ms / size} ${name}${ms === size ? "" : "s"}`;
    }
  }
  return `${ms} ms`;
}
