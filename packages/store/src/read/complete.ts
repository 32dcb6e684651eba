import {
  type CompletionKind,
  DROP_REASONS,
  DropscopeError,
  enumName,
  type EnumTable,
  VERDICTS,
  type Viewer,
} from "@dropscope/model";
import { storedSpan } from "./bounds.js";
import { viewerColumns } from "./columns.js";
import { completionSql } from "./complete-sql.js";
import { Params } from "./params.js";
import type { Runner } from "./run.js";
import { timeSql } from "./time-sql.js";

/** What flows hold names of; problems are not in them. */
export type CompleteKind = Exclude<CompletionKind, "problem">;

const MINUTE_NS = 60_000_000_000n;
/** The last stored day, or less of it where a day is too much to read for a suggestion. */
const AGES_NS = [1440n * MINUTE_NS, 60n * MINUTE_NS, 5n * MINUTE_NS];
const MAX_VALUES = 50;

/** Values that flows have as numbers. */
const NAMES: Partial<Record<CompleteKind, EnumTable>> = {
  verdict: VERDICTS,
  "drop-reason": DROP_REASONS,
};

/**
 * Values that begin so, then those that hold it, the most frequent of the last stored day first.
 * Pods, services and policies come with their namespace; labels as keys until a `=` is typed.
 */
export async function complete(
  run: Runner,
  what: CompleteKind,
  prefix: string,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const span = await storedSpan(run, signal);
  if (span === undefined) return [];
  for (const [index, age] of AGES_NS.entries()) {
    try {
      return await valuesSince(run, span.newest - age, { what, prefix, viewer }, signal);
    } catch (error) {
      const tooMuch = error instanceof DropscopeError && error.code === "QUERY_TOO_BROAD";
      if (!tooMuch || index === AGES_NS.length - 1) throw error;
    }
  }
  return [];
}

async function valuesSince(
  run: Runner,
  sinceNs: bigint,
  { what, prefix, viewer }: { what: CompleteKind; prefix: string; viewer: Viewer },
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const params = new Params();
  const columns = viewerColumns(viewer, params);
  const since = `time >= ${timeSql(sinceNs, params)}`;
  const source = completionSql(what, { columns, since, values: prefix.includes("=") });
  const names = NAMES[what];
  const typed = params.add("String", names === undefined ? prefix : "");
  const rows = await run.rows<{ value: string }>(
    `SELECT value FROM (${source})
     WHERE value != '' AND (${typed} = '' OR positionCaseInsensitiveUTF8(value, ${typed}) > 0)
     GROUP BY value
     ORDER BY startsWith(lowerUTF8(value), lowerUTF8(${typed})) DESC, sum(seen) DESC, value
     LIMIT ${names === undefined ? MAX_VALUES : 1000}`,
    params,
    signal,
  );
  const values = rows.map((row) => row.value);
  if (names === undefined) return values;
  const small = prefix.toLowerCase();
  return values
    .map((value) => String(enumName(names, Number(value))))
    .filter((name) => name.toLowerCase().includes(small))
    .sort((a, b) => Number(startsSo(b, small)) - Number(startsSo(a, small)));
}

const startsSo = (name: string, prefix: string): boolean => name.toLowerCase().startsWith(prefix);
