import type { Bounded } from "../read/bounds.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";

/** A stretch of time, ns since 1970, both ends inclusive, and how many rows a question has in it. */
export interface ExportWindow {
  since: bigint;
  until: bigint;
  rows: number;
}

const MINUTE_NS = 60_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/**
 * Cuts a range into stretches of about `windowRows` rows, oldest first, that are sorted one after the
 * other: runs of whole minutes, or of seconds where one minute has more. A second is never cut.
 */
export async function exportWindows(
  run: Runner,
  range: Bounded,
  windowRows: number,
  signal: AbortSignal | undefined,
): Promise<ExportWindow[]> {
  const windows: ExportWindow[] = [];
  for (const minute of await counts(run, range, MINUTE_NS, signal)) {
    const parts =
      minute.rows <= windowRows
        ? [minute]
        : await counts(run, { ...range, ...minute }, SECOND_NS, signal);
    for (const part of parts) {
      const last = windows.at(-1);
      if (last !== undefined && last.rows + part.rows <= windowRows) {
        last.until = part.until;
        last.rows += part.rows;
      } else windows.push({ ...part });
    }
  }
  return windows;
}

async function counts(
  run: Runner,
  range: Bounded,
  step: bigint,
  signal: AbortSignal | undefined,
): Promise<ExportWindow[]> {
  const params = new Params();
  const where = whereOf(range, params);
  const bucket = `intDiv(toUnixTimestamp64Nano(time), ${params.add("Int64", step)})`;
  const rows = await run.rows<{ bucket: string; rows: string }>(
    `SELECT ${bucket} AS bucket, count() AS rows FROM flows WHERE ${where} GROUP BY bucket ORDER BY bucket`,
    params,
    signal,
  );
  return rows.map((row) => {
    const since = BigInt(row.bucket) * step;
    const until = since + step - 1n;
    return {
      since: since > range.since ? since : range.since,
      until: until < range.until ? until : range.until,
      rows: Number(row.rows),
    };
  });
}
