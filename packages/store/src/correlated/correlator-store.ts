import {
  type Clock,
  type DnsFinding,
  type Flow,
  type FlowSelection,
  type Gap,
  systemClock,
} from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { LookupCache } from "../read/lookup.js";
import { createRunner } from "../read/run.js";
import { tailStep } from "../read/tail.js";
import type { LandedBatch, TailStep, TailCursor } from "../reader.js";
import { killPoint } from "../spool/kill-point.js";
import { auditRecords } from "./audit-reader.js";
import { readCursor, type CorrelatorCursor } from "./cursor.js";
import { idNumber, idText } from "./ids.js";
import type { JudgedBy } from "./judged-by.js";
import {
  explainedRows,
  gapsAround,
  landedFlows,
  newestAnswers,
  nodeTimes,
  recentBatches,
} from "./landed-flows.js";
import { recordOfText } from "./record-json.js";
import {
  auditRow,
  createExplanationBlocks,
  findingRow,
  landingDay,
  minuteRow,
  msText,
  noFindingRow,
  problemRow,
} from "./rows.js";
import type {
  AuditRecord,
  ExplainedBatchRows,
  ExplainedRow,
  LandedFlow,
  ProblemMinute,
  ProblemRecord,
} from "./types.js";

/**
 * What the correlator reads and writes. Of each batch it writes twice, in this order, and may be
 * killed anywhere between; of several at once the first is one write:
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
  /**
   * Batches before the cursor that landed after a moment or hold flows of one (ms since 1970),
   * oldest first; at most the newest 2,000.
   */
  recent(
    cursor: TailCursor,
    since: { readonly landedAfter: number; readonly timeAfter: number },
    signal?: AbortSignal,
  ): Promise<LandedBatch[]>;
  /** What a watch of name resolution had come to, as it was given. */
  dnsState(signal?: AbortSignal): Promise<unknown>;
  saveDnsState(state: unknown): Promise<void>;
  /** Tells processes that only read by which rules is judged. */
  saveJudgedBy(judge: JudgedBy): Promise<void>;
  /** Flows of the batches that the selection wants, by batch in the order given, then by time. */
  flows(
    batches: readonly LandedBatch[],
    selection: FlowSelection,
    signal?: AbortSignal,
  ): AsyncIterable<LandedFlow[]>;
  /** The newest answers of name servers, each once for a pod and a node. */
  answers(sinceMs: number, most: number, signal?: AbortSignal): AsyncIterable<LandedFlow[]>;
  /** The newest time of each node in the batches, as flows that say nothing else. */
  nodeTimes(batches: readonly LandedBatch[], signal?: AbortSignal): Promise<Flow[]>;
  /** What is known to be missing around the flows of the batches, oldest first. */
  gapsAround(batches: readonly LandedBatch[], signal?: AbortSignal): Promise<Gap[]>;
  /** What the flows call the cluster that they were seen in; empty when none of them tells, undefined when there are none. */
  clusterName(signal?: AbortSignal): Promise<string | undefined>;
  /** What is in `explanations` of these batches. */
  explained(batches: readonly LandedBatch[], signal?: AbortSignal): Promise<ExplainedRow[]>;
  /** Rows of some batches, in one write for each day of landing; the same batches are written once, however often it is called. */
  addExplanations(batches: readonly ExplainedBatchRows[]): Promise<void>;
  /** Counts of one batch; counted once, however often it is called. */
  addMinutes(batch: LandedBatch, minutes: readonly ProblemMinute[]): Promise<void>;
  putProblems(records: readonly ProblemRecord[]): Promise<void>;
  putFindings(findings: readonly DnsFinding[], landedAt: number): Promise<void>;
  records(ids: readonly string[], signal?: AbortSignal): Promise<ProblemRecord[]>;
  /** Every stored problem and what it belongs to: some thousands. */
  index(signal?: AbortSignal): Promise<{ id: string; families: string[] }[]>;
  /** Takes findings away that were contradicted. */
  dropFindings(ids: readonly string[], landedAt: number): Promise<void>;
  putAudit(findings: readonly AuditRecord[], landedAt: number): Promise<void>;
  /** The newest findings of the audit, newest first. */
  auditRecords(most: number, signal?: AbortSignal): Promise<AuditRecord[]>;
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

  const putState = (name: string, value: unknown): Promise<void> =>
    put("correlator_state", [
      {
        name,
        version: String(version()),
        value: JSON.stringify(value),
        written_at: msText(clock.now()),
      },
    ]);

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
    recent: (cursor, since, signal) => recentBatches(run, cursor, since, signal),
    async dnsState(signal) {
      const rows = await run.rows<{ value: string }>(
        "SELECT value FROM correlator_state WHERE name = 'dns' ORDER BY version DESC LIMIT 1",
        new Params(),
        signal,
      );
      return rows[0] && (JSON.parse(rows[0].value) as unknown);
    },
    saveDnsState: (state) => putState("dns", state),
    saveJudgedBy: (judge) => putState("judged-by", judge),
    answers: (sinceMs, most, signal) => newestAnswers(run, lookup, sinceMs, most, signal),
    nodeTimes: (batches, signal) => nodeTimes(run, batches, signal),
    gapsAround: (batches, signal) => gapsAround(run, batches, signal),
    flows: (batches, selection, signal) => landedFlows(run, lookup, batches, selection, signal),
    async clusterName(signal) {
      // An end that the reporting node runs has an endpoint id there.
      const named = ["src", "dst"].map(
        (end) =>
          `SELECT ${end}_cluster AS name FROM flows WHERE ${end}_endpoint > 0 AND ${end}_cluster != '' LIMIT 100000`,
      );
      const rows = await run.rows<{ name: string }>(
        `SELECT name FROM (${named.join(" UNION ALL ")}) GROUP BY name ORDER BY count() DESC LIMIT 1`,
        new Params(),
        signal,
      );
      if (rows[0] !== undefined) return rows[0].name;
      const some = await run.rows(
        "SELECT 1 FROM batches WHERE flows > 0 LIMIT 1",
        new Params(),
        signal,
      );
      return some.length > 0 ? "" : undefined;
    },
    explained: (batches, signal) => explainedRows(run, batches, signal),
    async addExplanations(batches) {
      const some = batches.filter(({ rows }) => rows.length > 0);
      const dayOf = ({ batch }: ExplainedBatchRows): number => landingDay(batch.storedAt);
      for (const day of new Set(some.map(dayOf))) {
        const those = some.filter((one) => dayOf(one) === day);
        const rows = those.flatMap((one) => one.rows);
        const ids = those.map(({ batch }) => batch.id).join("-");
        const body = block(rows, day);
        killPoint("correlate:before-explanations");
        await client.insertNative("explanations", [body], `${ids}-explanations`);
        killPoint("correlate:after-explanations");
      }
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
    async dropFindings(ids, landedAt) {
      const now = version();
      await put(
        "dns_findings",
        ids.map((id) => noFindingRow(id, now, landedAt)),
      );
    },
    auditRecords: (most, signal) => auditRecords(run, most, signal),
    async putAudit(findings, landedAt) {
      const now = version();
      await put(
        "audit_findings",
        findings.map((finding) => auditRow(finding, now, landedAt)),
      );
    },
  };
}

function chunks(ids: readonly string[]): bigint[][] {
  const parts: bigint[][] = [];
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY)
    parts.push(ids.slice(at, at + IDS_PER_QUERY).map(idNumber));
  return parts;
}
