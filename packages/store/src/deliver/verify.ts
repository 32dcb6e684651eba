import type { StoreClient } from "../clickhouse/client.js";
import { DEDUPLICATION_WINDOW } from "../config.js";
import type { Section, SpoolContent } from "../spool/file-format.js";
import type { WaitingFile } from "../spool/spool.js";
import { fixedColumns, sliceRows } from "./native-split.js";

/** A batch touches at most nine days of one kind each way, and every day is a block in the window. */
const BLOCKS_A_BATCH = 18;

/** Batches that may land before a token is no longer trusted: half the window. */
const TRUSTED_BATCHES = Math.floor(DEDUPLICATION_WINDOW / BLOCKS_A_BATCH / 2);

export type Standing =
  /** The ledger has it, with so many flows: nothing is left to do. */
  | { kind: "stored"; flows: number }
  /** Tokens still hold: sending again adds only what is missing, in rollups too. */
  | { kind: "send" }
  /** Tokens may be forgotten: only rows that are not there may be sent. */
  | { kind: "compare" };

/** Where a batch stands that may have been sent before. */
export async function standingOf(
  client: StoreClient,
  file: WaitingFile,
  signal: AbortSignal,
): Promise<Standing> {
  const [row] = await client.query<{ here: string; flows: number; since: string }>(
    `SELECT countIf(batch = {batch:UInt64}) AS here, maxIf(flows, batch = {batch:UInt64}) AS flows,
       countIf(stored_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')) AS since
     FROM batches`,
    { batch: file.batch.toString(), since: Math.floor(file.sealedAt) },
    { signal },
  );
  if (Number(row?.here ?? 0) > 0) return { kind: "stored", flows: Number(row?.flows) };
  return { kind: Number(row?.since ?? 0) < TRUSTED_BATCHES ? "send" : "compare" };
}

/** What of a section the store does not have, by the rows that carry the batch's id. */
export async function missingOf(
  client: StoreClient,
  content: SpoolContent,
  section: Section,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const [row] = await client.query<{ n: string }>(
    // The table is one of a closed set of our own.
    `SELECT count() AS n FROM ${section.table} WHERE batch = {batch:UInt64}`,
    { batch: content.batch.toString() },
    { signal },
  );
  const here = Number(row?.n ?? 0);
  if (here >= section.rows) return [];
  // Rows of the other tables replace each other: a second copy does no harm.
  if (here === 0 || section.table !== "flows") return [section.body];
  const stored = await client.query<{ uuid: string }>(
    "SELECT toString(uuid) AS uuid FROM flows WHERE batch = {batch:UInt64}",
    { batch: content.batch.toString() },
    { signal },
  );
  const known = new Set(stored.map((flow) => flow.uuid));
  const uuids = fixedColumns(section.body, ["uuid"]).get("uuid") ?? Buffer.alloc(0);
  const missing: Uint8Array[] = [];
  let start = -1;
  for (let at = 0; at <= section.rows; at++) {
    const absent = at < section.rows && !known.has(uuidText(uuids, at));
    if (absent && start < 0) start = at;
    if (absent || start < 0) continue;
    missing.push(sliceRows(section.body, start, at));
    start = -1;
  }
  return missing;
}

/** A UUID as the Native format keeps it: two little-endian halves. */
export function uuidText(column: Buffer, row: number): string {
  const half = (at: number): string => column.readBigUInt64LE(at).toString(16).padStart(16, "0");
  const hex = half(row * 16) + half(row * 16 + 8);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
