import { DropscopeError, EXIT } from "@dropscope/model";

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
  d: 864e5,
  w: 6048e5,
};

/**
 * A moment as the real CLI takes it: RFC 3339 (also without a zone, then UTC, or only a
 * date), as `observe` prints it, seconds since 1970, or how long ago (`5m`, `1h30m`, `2d`).
 * @returns ns since 1970
 * @throws DropscopeError `BAD_TIME` (exit 2)
 */
export function parseMoment(text: string, flag: string, now: number): bigint {
  const ago = parseSpan(text);
  if (ago !== undefined) return BigInt(Math.round((now - ago) * 1e3)) * 1_000n;
  if (/^\d{9,}(\.\d+)?$/.test(text)) return BigInt(Math.round(Number(text) * 1e3)) * 1_000_000n;
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}(?::\d{2}(?::\d{2})?)?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text,
    );
  if (match) {
    const [, day, clock = "00:00:00", fraction = "", zone = "Z"] = match;
    const ms = Date.parse(
      `${day}T${clock}${":00:00".slice(clock.length - 2)}${zone.toUpperCase()}`,
    );
    if (Number.isFinite(ms)) return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  }
  const printed = printedMoment(text, now);
  if (printed !== undefined) return BigInt(printed) * 1_000_000n;
  throw new DropscopeError("BAD_TIME", `${flag}: ${JSON.stringify(text)} is not a time.`, {
    next: "Write how long ago (5m, 2h, 7d) or a moment (2026-11-20T14:02:00Z).",
    exitCode: EXIT.usage,
  });
}

/**
 * What `--time-format StampMilli` (`Nov 20 14:02:03.123`, without a year) and `RFC1123Z` print, so
 * that a time can be copied from one line of output into the next command.
 */
function printedMoment(text: string, now: number): number | undefined {
  const stamp = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?)$/.exec(text);
  if (stamp) {
    const [, month, day, clock] = stamp;
    const year = new Date(now).getUTCFullYear();
    const inYear = (one: number): number => Date.parse(`${day} ${month} ${one} ${clock} UTC`);
    // In January, "Dec 31" was last year.
    const ms = inYear(year) > now + unitMs["d"]! ? inYear(year - 1) : inYear(year);
    return Number.isFinite(ms) ? ms : undefined;
  }
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}$/.test(text))
    return undefined;
  const ms = Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}

/** `1h30m` in ms; undefined when the text is not a span. */
function parseSpan(text: string): number | undefined {
  const part = /(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d|w)/gy;
  let total = 0;
  let end = 0;
  for (let match = part.exec(text); match; match = part.exec(text)) {
    total += Number(match[1]) * unitMs[match[2]!]!;
    end = part.lastIndex;
  }
  return text !== "" && end === text.length ? total : undefined;
}
