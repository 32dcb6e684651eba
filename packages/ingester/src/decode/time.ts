import { PRESENT as BITS } from "@dropscope/store";
import { type Cursor, malformed, repeated } from "./cursor.js";
import { stray } from "./entries.js";
import { type PendingRow, presentBits } from "./pending.js";
import { Rest } from "./rest.js";

const PRESENT = presentBits(BITS);

export interface Timestamp {
  /** Exact up to 2^53, which is far beyond every time that is kept. */
  readonly seconds: number;
  readonly nanos: number;
}

/** Last moment of DateTime64(9): 2^63 - 1 ns, in 2262. */
const LAST = { seconds: 9_223_372_036, nanos: 854_775_807 } as const;
/** First and last second that RFC 3339 can write (years 1 to 9999). */
const [FIRST_TEXT, LAST_TEXT] = [-62_135_596_800, 253_402_300_799];

/** Reads a google.protobuf.Timestamp up to `end`. */
export function readTimestamp(c: Cursor, end: number): Timestamp {
  let seconds = 0;
  let nanos = 0;
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 8 && tag !== 16) {
      stray(c, tag, from, end, 2, new Rest(), "");
      continue;
    }
    if (seen & tag) repeated();
    seen |= tag;
    if (tag === 8) {
      c.varint64();
      seconds = (c.high | 0) * 0x1_0000_0000 + c.low;
    } else nanos = c.signed();
  }
  if (c.pos !== end) malformed("truncated");
  return { seconds, nanos };
}

/** The flow's own time. What the column cannot hold is clamped, and the original goes to `rest`. */
export function walkTime(c: Cursor, row: PendingRow, end: number): void {
  const from = c.pos;
  const time = readTimestamp(c, end);
  row.present |= PRESENT.time;
  placeTime(row, time);
  if (!row.timeClamped) return;
  const text = timeText(time);
  if (text === undefined) row.rest.addUnknown("time", c.bytes.slice(from, end));
  else row.rest.set("time", text);
}

/** Stores a time, clamped to what the column can hold: 1970 to 2262, whole nanoseconds. */
export function placeTime(row: PendingRow, time: Timestamp): void {
  let { seconds, nanos } = time;
  if (seconds < 0) [seconds, nanos] = [0, 0];
  if (nanos < 0) nanos = 0;
  if (nanos > 999_999_999) nanos = 999_999_999;
  if (seconds > LAST.seconds || (seconds === LAST.seconds && nanos > LAST.nanos))
    ({ seconds, nanos } = LAST);
  row.timeClamped = seconds !== time.seconds || nanos !== time.nanos;
  row.seconds = seconds;
  row.nanos = nanos;
}

/** Writes seconds × 10^9 + nanos as two 32-bit halves, without a bigint. */
export function nsHalves(seconds: number, nanos: number, to: Uint32Array): void {
  const low = (seconds % 0x1_0000) * 1e9 + nanos;
  const high = Math.floor(seconds / 0x1_0000) * 1e9;
  const sum = (high % 0x1_0000) * 0x1_0000 + low;
  to[0] = sum % 0x1_0000_0000;
  to[1] = Math.floor(high / 0x1_0000) + Math.floor(sum / 0x1_0000_0000);
}

/** ns since 1970; undefined when there is no time that 64 bits can hold. */
export function nsOf(time: Timestamp | undefined): bigint | undefined {
  if (!time || time.nanos < 0 || time.nanos > 999_999_999) return undefined;
  if (time.seconds < 0 || time.seconds > LAST.seconds) return undefined;
  return BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos);
}

/** RFC 3339 with 0, 3, 6 or 9 digits, as protobuf's JSON has it; undefined when it cannot be written. */
export function timeText(time: Timestamp): string | undefined {
  const { seconds, nanos } = time;
  if (nanos < 0 || nanos > 999_999_999 || seconds < FIRST_TEXT || seconds > LAST_TEXT)
    return undefined;
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  const digits = String(nanos).padStart(9, "0");
  const shown = nanos === 0 ? "" : `.${digits.replace(/(000){1,2}$/, "")}`;
  return `${date}${shown}Z`;
}

/** RFC 3339 of a time in ns since 1970. */
export function nsText(ns: bigint): string {
  return timeText({ seconds: Number(ns / 1_000_000_000n), nanos: Number(ns % 1_000_000_000n) })!;
}

const MS_PER_DAY = 86_400_000;

/** Days since 1970 in UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / MS_PER_DAY);
}
