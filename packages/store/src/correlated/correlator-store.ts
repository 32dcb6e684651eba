import { type DnsFinding, type FlowSelection, systemClock, type Clock } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { LookupCache } from "../read/lookup.js";
import { createRunner } from "../read/run.js";
import { tailStep } from "../read/tail.js";
import type { LandedBatch, TailStep, TailCursor } from "../reader.js";
import { killPoint } from "../spool/kill-point.js";
import { readCursor, type CorrelatorCursor } from "./cursor.js";
import { idNumber, idText } from "./ids.js";
import { explainedRows, landedFlows } from "./landed-flows.js";
import { recordOfText } from "./record-json.js";
import { createExplanationBlocks, findingRow, minuteRow, problemRow } from "./rows.js";
import type { ExplainedRow, LandedFlow, ProblemMinute, ProblemRecord } from "./types.js";

/**
 * What the correlator reads and writes. Of each batch it writes twice, in this order, and may be
 * killed anywhere between:
 *
 *     explanations (one part: all or none) ─▶ problem_minutes (by a token) ─▶ … ─▶ cursor
 *
 * A batch behind the cursor is done again. What is in `explanations` then counts as it stands,
 * whatever the policies say meanwhile, so that everything that follows from it comes out the same.
 */
export interface CorrelatorStore {
  cursor(signal?: AbortSignal): Promise<CorrelatorCursor | undefined>;
  saveCursor(cursor: CorrelatorCursor): Promise<void>;
  tail(cursor: TailCursor, signal?: AbortSignal): Promise<TailStep>;
  /** Batches that became visible after `sinceMs` and before the cursor, oldest first. */
  recent(cursor: TailCursor, sinceMs: number, signal?: AbortSignal): Promise<LandedBatch[]>;
  /** Flows of the batches that the selection wants, by batch in the order given, then by time. */
  flows(
    batches: readonly LandedBatch[],
    selection: FlowSelection,
    signal?: AbortSignal,
  ): AsyncIterable<LandedFlow[]>;
  /** What is in `explanations` of these batches. */
  explained(batches: readonly LandedBatch[], signal?: AbortSignal): Promise<ExplainedRow[]>;
  /** Rows of one batch; written once, however often it is called. */
  addExplanations(batch: LandedBatch, rows: readonly ExplainedRow[]): Promise<void>;
  /** Counts of one batch; counted once, however often it is called. */
  addMinutes(batch: LandedBatch, minutes: readonly ProblemMinute[]): Promise<void>;
  putProblems(records: readonly ProblemRecord[]): Promise<void>;
  putFindings(findings: readonly DnsFinding[], landedAt: number): Promise<void>;
  records(ids: readonly string[], signal?: AbortSignal): Promise<ProblemRecord[]>;
  /** Every stored problem and what it belongs to: some thousands. */
  index(signal?: AbortSignal): Promise<{ id: string; families: string[] }[]>;
  /** Findings that were told after `sinceMs`. */
  findings(sinceMs: number, signal?: AbortSignal): Promise<DnsFinding[]>;
}

/** Ids in one query: each takes some twenty bytes of its address. */
const IDS_PER_QUERY = 250;

export function createCorrelatorStore(
  client: StoreClient,
  options: { readonly clock?: Pick<Clock, "now"> } = {},
): CorrelatorStore {
  const clock = options.clock ?? systemClock;
  const run = createRunner(client, undefined);
  const lookup = new LookupCache(run);
  const block = createExplanationBlocks();
  let lastVersion = 0n;

  /** Grows, also over restarts as long as the clock does. */
  const version = (): bigint => {
    const now = BigInt(Math.round(clock.now() * 1000));
    lastVersion = now > lastVersion ? now : lastVersion + 1n;
    return lastVersion;
  };

  const put = async (table: string, rows: readonly Record<string, unknown>[]): Promise<void> => {
    if (rows.length > 0) await client.insertRows(table, rows, `${table}-${version()}`);
  };

  return {
    cursor: (signal) => readCursor(run, signal),
    async saveCursor(cursor) {
      await client.command(
        "INSERT INTO correlator_state (name, version, value, written_at) SELECT 'cursor', {version:UInt64}, {value:String}, now64(3, 'UTC')",
        { version: String(version()), value: JSON.stringify(cursor) },
      );
      killPoint("correlate:after-cursor");
    },
    tail: (cursor, signal) => tailStep(run, cursor, signal),
    async recent(cursor, sinceMs, signal) {
      const from = { storedAt: String(BigInt(Math.floor(sinceMs)) * 1_000_000n), seen: [] };
      const { batches } = await tailStep(run, from, signal);
      const end = Number(BigInt(cursor.storedAt) / 1_000_000n);
      return batches.filter(({ storedAt }) => storedAt <= end);
    },
    flows: (batches, selection, signal) => landedFlows(run, lookup, batches, selection, signal),
    explained: (batches, signal) => explainedRows(run, batches, signal),
    async addExplanations(batch, rows) {
      if (rows.length === 0) return;
      const body = block(rows, batch.storedAt);
      killPoint("correlate:before-explanations");
      await client.insertNative("explanations", [body], `${batch.id}-explanations`);
      killPoint("correlate:after-explanations");
    },
    async addMinutes(batch, minutes) {
      if (minutes.length === 0) return;
      const rows = minutes.map((minute) => minuteRow(minute, batch.storedAt));
      await client.insertRows("problem_minutes", rows, `${batch.id}-problem_minutes`);
      killPoint("correlate:after-minutes");
    },
    async putProblems(records) {
      const now = version();
      await put(
        "problems",
        records.map((record) => problemRow(record, now)),
      );
      killPoint("correlate:after-problems");
    },
    async putFindings(findings, landedAt) {
      const now = version();
      await put(
        "dns_findings",
        findings.map((finding) => findingRow(finding, now, landedAt)),
      );
    },
    async records(ids, signal) {
      const found: ProblemRecord[] = [];
      for (const some of chunks(ids)) {
        const params = new Params();
        const rows = await run.rows<{ record: string }>(
          `SELECT record FROM problems FINAL WHERE id IN ${params.add("Array(UInt64)", some)}`,
          params,
          signal,
        );
        found.push(...rows.map(({ record }) => recordOfText(record)));
      }
      return found;
    },
    async index(signal) {
      const rows = await run.rows<{ id: string; families: string[] }>(
        "SELECT id, families FROM problems FINAL",
        new Params(),
        signal,
      );
      return rows.map(({ id, families }) => ({ id: idText(id), families: families.map(idText) }));
    },
    async findings(sinceMs, signal) {
      const params = new Params();
      const since = params.add("Int64", BigInt(Math.floor(sinceMs)));
      const rows = await run.rows<{ finding: string }>(
        `SELECT finding FROM dns_findings FINAL WHERE landed_at >= fromUnixTimestamp64Milli(${since}, 'UTC')`,
        params,
        signal,
      );
      return rows.map(({ finding }) => JSON.parse(finding) as DnsFinding);
    },
  };
}

function chunks(ids: readonly string[]): bigint[][] {
  const parts: bigint[][] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY)
    parts.push(ids.slice(at, at + IDS_PER_QUERY).map(idNumber));
  return parts;
}
