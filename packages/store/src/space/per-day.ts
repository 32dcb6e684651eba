const DAY_MS = 86_400_000;
/** Less than this says nothing about a day. */
const LEAST_SPAN_MS = 600_000;
/** Days that the average is taken over: the newest ones. */
const OBSERVED_DAYS = 7;

/** Bytes of one table of a class: of one day, or of all the time it spans. */
export type DayBytes =
  | { readonly table: string; readonly day: string; readonly bytes: number }
  | { readonly table: string; readonly spanMs: number; readonly bytes: number };

/** Bytes that a class takes a day, and how many whole days that was observed on (0: part of a day). */
export interface PerDay {
  readonly bytes: number;
  readonly days: number;
}

/**
 * From what was observed, never from a guess: the average of the newest whole days; where there is
 * none, the present day as far as it has come; `undefined` where that is too little.
 */
export function perDayOf(observed: readonly DayBytes[], now: number): PerDay | undefined {
  const today = new Date(now).toISOString().slice(0, 10);
  const byDay = new Map<string, number>();
  let steady = 0;
  for (const one of observed) {
    if ("day" in one) byDay.set(one.day, (byDay.get(one.day) ?? 0) + one.bytes);
    else if (one.spanMs >= LEAST_SPAN_MS)
      steady += (one.bytes / Math.max(one.spanMs, DAY_MS)) * DAY_MS;
  }
  const whole = [...byDay]
    .filter(([day]) => day < today)
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .slice(0, OBSERVED_DAYS);
  if (whole.length > 0) {
    const bytes = whole.reduce((sum, [, one]) => sum + one, 0) / whole.length;
    return { bytes: bytes + steady, days: whole.length };
  }
  const sinceMidnight = now - Date.parse(today);
  const present = byDay.get(today);
  if (present !== undefined && sinceMidnight >= LEAST_SPAN_MS)
    return { bytes: (present / sinceMidnight) * DAY_MS + steady, days: 0 };
  return byDay.size === 0 && steady > 0 ? { bytes: steady, days: 0 } : undefined;
}
