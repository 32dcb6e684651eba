import { DropscopeError, EXIT } from "@dropscope/model";
import { parseMoment } from "../../wire/parse-time.js";

/** Both ends inclusive, ns since 1970. */
export interface IncidentRange {
  readonly since: bigint;
  readonly until: bigint;
}

const MINUTE_NS = 60_000_000_000n;
const MS_NS = 1_000_000n;

/**
 * The range of an incident in whole minutes, because drops are counted by the minute; the last one
 * need not be over.
 * @throws DropscopeError `INCIDENT_RANGE`, `BAD_TIME` (exit 2)
 */
export function incidentRange(
  given: { readonly since?: string; readonly until?: string },
  now: number,
): IncidentRange {
  const since = momentOf(given.since, "--since", now);
  const until = momentOf(given.until, "--until", now);
  const present = BigInt(Math.floor(now)) * MS_NS;
  if (since > present) throw future("--since");
  // A clock beside this one may be a little ahead of it.
  if (until > present + MINUTE_NS) throw future("--until");
  if (since > until) throw wrong("--since is later than --until.", "Exchange them.");
  const from = since - (since % MINUTE_NS);
  const rest = until % MINUTE_NS;
  const to = rest === 0n && until > from ? until - 1n : until - rest + MINUTE_NS - 1n;
  return { since: from, until: to };
}

function momentOf(text: string | undefined, flag: string, now: number): bigint {
  if (text === undefined)
    throw wrong(
      `${flag} is missing: an incident has a beginning and an end.`,
      flag === "--until"
        ? "Add --until now, or the time at which it was over."
        : "Add --since 1h, or the time at which it began.",
    );
  if (text === "now") return BigInt(Math.floor(now)) * MS_NS;
  return parseMoment(text, flag, now);
}

function future(flag: string): DropscopeError {
  return wrong(
    `${flag} is in the future: what has not happened cannot be exported.`,
    "Give a time that has passed; --until now is the latest.",
  );
}

function wrong(message: string, next: string): DropscopeError {
  return new DropscopeError("INCIDENT_RANGE", message, { next, exitCode: EXIT.usage });
}
