/** Numbers and times as people read them. Every number carries its unit. */

const whole = new Intl.NumberFormat("en-US");
const tenth = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat("en-US", {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** `1,204`. */
export function count(value: number): string {
  return whole.format(Math.round(value));
}

/** `1.2K` where a column is narrow. */
export function shortCount(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value);
}

/** `0.3/s`, `1.0/s`, `12/s`; a rate too small to print is not printed as zero. */
export function perSecond(value: number): string {
  if (value <= 0) return "0/s";
  if (value < 0.05) return "<0.1/s";
  return value < 9.95 ? `${oneDigit.format(value)}/s` : `${whole.format(Math.round(value))}/s`;
}

/** `63 %`; never `0 %` or `100 %` for a part that is neither. */
export function share(part: number, total: number): string {
  if (total <= 0 || part <= 0) return "0 %";
  if (part >= total) return "100 %";
  const percent = (part / total) * 100;
  if (percent < 1) return "<1 %";
  return percent > 99 ? ">99 %" : `${Math.round(percent)} %`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its largest unit: `4 min`, `3 h`. Below a second: `now` is for the caller to say. */
export function span(ms: number): string {
  const value = Math.max(0, ms);
  if (value < MINUTE) return `${Math.floor(value / SECOND)} s`;
  if (value < HOUR) return `${Math.floor(value / MINUTE)} min`;
  if (value < 2 * DAY) return `${Math.floor(value / HOUR)} h`;
  if (value < 730 * DAY) return `${Math.floor(value / DAY)} days`;
  return `${Math.floor(value / (365 * DAY))} years`;
}

/** `2 s ago`; a clock that runs ahead reads as now. */
export function ago(then: number, now: number): string {
  return now - then < SECOND ? "now" : `${span(now - then)} ago`;
}

/** `350 ms`, `1.2 s`, `4 min`. */
export function latency(ms: number): string {
  if (ms < 1) return `${tenth.format(ms)} ms`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  return ms < 10 * SECOND ? `${tenth.format(ms / SECOND)} s` : span(ms);
}

const two = (value: number): string => String(value).padStart(2, "0");

interface Parts {
  date: string;
  clock: string;
  millis: string;
}

function partsOf(ms: number, utc: boolean): Parts {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime())) return { date: "?", clock: "?", millis: "" };
  // Shifted so that the UTC getters read local fields: one code path for both zones.
  const shown = utc ? at : new Date(ms - at.getTimezoneOffset() * MINUTE);
  return {
    date: `${shown.getUTCFullYear()}-${two(shown.getUTCMonth() + 1)}-${two(shown.getUTCDate())}`,
    clock: `${two(shown.getUTCHours())}:${two(shown.getUTCMinutes())}:${two(shown.getUTCSeconds())}`,
    millis: String(shown.getUTCMilliseconds()).padStart(3, "0"),
  };
}

/** `14:03:20`. */
export function clock(ms: number, utc: boolean): string {
  return partsOf(ms, utc).clock;
}

/** `14:03:20.123`. */
export function clockMillis(ms: number, utc: boolean): string {
  const parts = partsOf(ms, utc);
  return `${parts.clock}.${parts.millis}`;
}

/** `2025-11-22 14:03:20`. */
export function stamp(ms: number, utc: boolean): string {
  const parts = partsOf(ms, utc);
  return `${parts.date} ${parts.clock}`;
}

/** As `datetime-local` has it, which knows no zone: the field holds the zone that the page shows. */
export function toField(ms: number, utc: boolean): string {
  return stamp(ms, utc).replace(" ", "T");
}

/** ms since 1970; NaN for an empty field. */
export function fromField(text: string, utc: boolean): number {
  return Date.parse(utc ? `${text}Z` : text);
}

/** The clock alone within 20 hours of `now`, else with the date. */
export function near(ms: number, now: number, utc: boolean): string {
  return Math.abs(now - ms) < 20 * HOUR ? clock(ms, utc) : stamp(ms, utc);
}

/** `14:00:00`, `15:00:00`; with the date where it is another day, and the second date only where it differs. */
export function between(from: number, to: number, now: number, utc: boolean): [string, string] {
  const first = near(from, now, utc);
  const dated = first.length > clock(from, utc).length || near(to, now, utc) !== clock(to, utc);
  if (!dated) return [first, clock(to, utc)];
  const end = stamp(to, utc);
  const start = stamp(from, utc);
  return [start, start.slice(0, 10) === end.slice(0, 10) ? clock(to, utc) : end];
}

/** `UTC`, or the offset of the viewer's zone at that moment: `UTC+02:00`. */
export function zone(ms: number, utc: boolean): string {
  const offset = utc ? 0 : -new Date(ms).getTimezoneOffset();
  if (!offset) return "UTC";
  const size = Math.abs(offset);
  return `UTC${offset < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** ns as a decimal string to ms; NaN when it is not a number. */
export function nsToMs(ns: string): number {
  return /^\d{1,19}$/.test(ns) ? Number(BigInt(ns) / 1_000_000n) : Number.NaN;
}

/** The exact time: nine digits and the zone. */
export function exact(ns: string, utc: boolean): string {
  const ms = nsToMs(ns);
  if (Number.isNaN(ms)) return "no time";
  const rest = String(BigInt(ns) % 1_000_000_000n).padStart(9, "0");
  return `${stamp(ms, utc)}.${rest} ${zone(ms, utc)}`;
}
