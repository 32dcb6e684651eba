import { formatTimeNs, type GapCause, OUTAGE_CAUSES, parseTimeNs } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { landingDay } from "../correlated/rows.js";
import { GAP_LAST, GAP_OPENING, GAP_OUTAGE_KEY } from "../read/losses.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { timeSql } from "../read/time-sql.js";
import type { BundledGap } from "./types.js";

interface GapRecord {
  time_ns: string;
  gap_id: string;
  node: string;
  cause: GapCause;
  source: number;
  count: string;
  from_ns: string | null;
  to_ns: string | null;
  cpu: number | null;
  message: string;
}

const CLOSING = `(lost_to IS NOT NULL AND cause IN (${OUTAGE_CAUSES.map((cause) => `'${cause}'`).join(", ")}))`;

/** What was known at the end of the range to be missing in it: every row, by time. */
export async function gapRows(
  run: Runner,
  { since, until }: { readonly since: bigint; readonly until: bigint },
  signal: AbortSignal | undefined,
): Promise<BundledGap[]> {
  const params = new Params();
  const known = `gaps.time <= ${timeSql(until, params)}`;
  const inRange = `${known} AND ${GAP_LAST} >= ${timeSql(since, params)}`;
  // What ends an outage may lie before the range; without it the outage would seem to go on.
  const ends = `${CLOSING} AND ${GAP_OUTAGE_KEY} IN (SELECT ${GAP_OUTAGE_KEY} FROM gaps WHERE ${GAP_OPENING} AND ${inRange})`;
  const rows = await run.rows<GapRecord>(
    `SELECT toString(toUnixTimestamp64Nano(gaps.time)) AS time_ns, toString(id) AS gap_id, node, cause, source, count,
      toUnixTimestamp64Nano(lost_from) AS from_ns, toUnixTimestamp64Nano(lost_to) AS to_ns, cpu, message
     FROM gaps WHERE (${inRange}) OR (${known} AND ${ends}) ORDER BY gaps.time, id LIMIT 1 BY id`,
    params,
    signal,
  );
  return rows.map(gapOf);
}

function gapOf(row: GapRecord): BundledGap {
  const gap: BundledGap = {
    id: row.gap_id,
    time: formatTimeNs(BigInt(row.time_ns)),
    node: row.node,
    cause: row.cause,
    source: row.source,
    count: Number(row.count),
  };
  if (row.from_ns !== null) gap.from = formatTimeNs(BigInt(row.from_ns));
  if (row.to_ns !== null) gap.to = formatTimeNs(BigInt(row.to_ns));
  if (row.cpu !== null) gap.cpu = row.cpu;
  if (row.message !== "") gap.message = row.message;
  return gap;
}

/** Stores gaps as they were. @param batch stands for what they came with @param landedAt ms since 1970 */
export async function addGaps(
  client: Pick<StoreClient, "insertRows">,
  batch: bigint,
  gaps: readonly BundledGap[],
  landedAt: number,
): Promise<void> {
  if (gaps.length === 0) return;
  const rows = gaps.map((gap) => ({
    time: nanosText(gap.time),
    batch: String(batch),
    stored_on: new Date(landingDay(landedAt) * 86_400_000).toISOString().slice(0, 10),
    id: gap.id,
    node: gap.node,
    cause: gap.cause,
    source: gap.source,
    count: String(gap.count),
    lost_from: gap.from === undefined ? null : nanosText(gap.from),
    lost_to: gap.to === undefined ? null : nanosText(gap.to),
    cpu: gap.cpu ?? null,
    message: gap.message ?? "",
  }));
  await client.insertRows("gaps", rows, `${batch}-gaps`);
}

/** `2026-11-22 14:02:00.123456789`; a row of JSON cannot tell times before 1970. */
function nanosText(time: string): string {
  const ns = parseTimeNs(time) ?? 0n;
  const whole = ns < 0n ? 0n : ns;
  const seconds = new Date(Number(whole / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds.replace("T", " ")}.${String(whole % 1_000_000_000n).padStart(9, "0")}`;
}
