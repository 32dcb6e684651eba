import { Problem } from "../problem.js";
import { parseDuration } from "./duration.js";

/** The store keeps ns in 64 signed bits: 1970-01-01 to 2262-04-11. */
const LAST_SECOND = 9_223_372_036n;
const FORMS = "a time like 2026-01-31T12:00:00Z, ms since 1970, or an age like 15m, 2h, 7d";

/**
 * A time of a query, ns since 1970. An age (`15m`) counts back from `nowMs`.
 * @throws Problem 400 `BAD_TIME`
 */
export function parseTime(name: string, text: string, nowMs: number): bigint {
  const trimmed = text.trim();
  if (trimmed === "now") return BigInt(nowMs) * 1_000_000n;
  if (/^\d+$/.test(trimmed)) return unixMs(name, trimmed);
  const age = parseDuration(trimmed);
  if (age !== undefined) {
    const at = nowMs - age;
    if (at < 0) throw bad(name, `${quote(trimmed)} ago is before 1970.`);
    return BigInt(Math.round(at)) * 1_000_000n;
  }
  return rfc3339(name, trimmed);
}

/** Clocks of browsers run ahead a little, ms. */
export const FUTURE_SLACK_MS = 60_000;

/**
 * The moment (ms) that a question about one is about; never later than now.
 * @throws Problem 400 `BAD_TIME`, 400 `MOMENT_IN_FUTURE`
 */
export function momentOf(
  asked: {
    readonly at?: string | undefined;
    readonly until?: string | undefined;
    readonly to?: string | undefined;
  },
  nowMs: number,
): number {
  if (asked.at !== undefined) return parseMoment("at", asked.at, nowMs);
  const at = parseTime("until", asked.until ?? asked.to ?? "now", nowMs);
  return Math.min(nowMs, Number(at / 1_000_000n));
}

/** As of when something is asked, ms since 1970. @throws Problem 400 `BAD_TIME`, 400 `MOMENT_IN_FUTURE` */
export function parseMoment(name: string, text: string, nowMs: number): number {
  const at = Number(parseTime(name, text, nowMs) / 1_000_000n);
  if (at > nowMs + FUTURE_SLACK_MS)
    throw new Problem(
      400,
      "MOMENT_IN_FUTURE",
      `${name}: ${new Date(at).toISOString()} has not come yet.`,
      "Give a moment of the past, or none for now.",
    );
  return Math.min(at, nowMs);
}

function unixMs(name: string, digits: string): bigint {
  const ms = BigInt(digits);
  if (ms > LAST_SECOND * 1_000n) throw bad(name, `${quote(digits)} ms lies after the year 2262.`);
  if (ms >= 100_000_000n && ms < 100_000_000_000n) {
    throw bad(name, `${quote(digits)} looks like seconds; ms are meant.`);
  }
  return ms * 1_000_000n;
}

const RFC3339 =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})?)?$/;

function rfc3339(name: string, text: string): bigint {
  const parts = RFC3339.exec(text);
  if (parts === null) throw bad(name, `${quote(text)} is not a time.`);
  const [, day = "", clock, fraction = "", zone] = parts;
  if (clock !== undefined && zone === undefined) {
    throw bad(name, `${quote(text)} has no zone.`, "Add Z for UTC, or an offset like +02:00.");
  }
  const full = clock?.length === 5 ? `${clock}:00` : (clock ?? "00:00:00");
  const wall = Date.parse(`${day}T${full}Z`);
  const at = Date.parse(`${day}T${full}${(zone ?? "Z").toUpperCase()}`);
  // Date.parse turns 31 February into 3 March; a person who typed it meant neither.
  if (!Number.isFinite(at) || new Date(wall).toISOString().slice(0, 10) !== day) {
    throw bad(name, `${quote(text)} is not a moment of the calendar.`);
  }
  const seconds = BigInt(at / 1_000);
  if (seconds < 0n || seconds >= LAST_SECOND) {
    throw bad(name, `${quote(text)} lies outside 1970 to 2262.`);
  }
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function bad(name: string, message: string, next = `Give \`${name}\` as ${FORMS}.`): Problem {
  return new Problem(400, "BAD_TIME", `${name}: ${message}`, next);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
