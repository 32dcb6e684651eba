import type { DnsFinding } from "@dropscope/model";
import { parseTimeNs } from "@dropscope/model";
import { BlockBuilder } from "../native/index.js";
import { AtomTable } from "../native/atoms.js";
import { EXPLANATION_COLUMNS } from "../schema/correlated.js";
import { idNumber } from "./ids.js";
import { recordText } from "./record-json.js";
import type { AuditRecord, ExplainedRow, ProblemMinute, ProblemRecord } from "./types.js";

type Row = Record<string, unknown>;

const DAY_MS = 86_400_000;
const NS_FIRST = -(2n ** 63n);
const NS_LAST = 2n ** 63n - 1n;
/** Of a DateTime, in whole minutes. */
const LAST_MINUTE_S = 4_294_967_280;

/** ms since 1970 as ClickHouse reads a DateTime64(3) in a row of JSON. */
export const msText = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3);

/** Days since 1970 on which a batch landed. */
export const landingDay = (ms: number): number =>
  Math.min(65_535, Math.max(0, Math.floor(ms / DAY_MS)));

/**
 * Builds rows of one day of landing (days since 1970) as one `Native` block. Texts are there once, however
 * many rows have them.
 */
export function createExplanationBlocks(): (
  rows: readonly ExplainedRow[],
  day: number,
) => Uint8Array {
  const atoms = new AtomTable();
  const builder = new BlockBuilder(EXPLANATION_COLUMNS, atoms);
  const { columns } = builder;
  const uuid = Buffer.alloc(16);
  return (rows, day) => {
    for (const one of rows) {
      const row = builder.addRow();
      columns.stored_on.set(row, day);
      columns.batch.setBig(row, one.batch);
      columns.time.setBig(row, clamped(one.timeNs));
      uuid.write(one.uuid.replaceAll("-", ""), "hex");
      columns.uuid.set(row, uuid, 0);
      columns.problem.setBig(row, idNumber(one.problem));
      columns.told.set(row, one.told === "verdict" ? 1 : 0);
      columns.weight.set(row, one.weight);
      columns.outcome.set(row, atoms.internText(one.outcome));
      columns.agreement.set(row, atoms.internText(one.agreement));
      columns.src_namespace.set(row, atoms.internText(one.sourceNamespace));
      columns.dst_namespace.set(row, atoms.internText(one.destinationNamespace));
      columns.pod.set(row, atoms.internText(one.pod));
      columns.peer.set(row, atoms.internText(one.peer));
      columns.node.set(row, atoms.internText(one.node));
      columns.explanation.set(row, atoms.internText(one.explanation));
    }
    const body = builder.build();
    atoms.clear();
    return body;
  };
}

export function minuteRow(
  { problem, minute, drops, verdicts }: ProblemMinute,
  landedAt: number,
): Row {
  return {
    problem: String(idNumber(problem)),
    minute: Math.min(LAST_MINUTE_S, Math.max(0, Math.floor(minute / 60_000) * 60)),
    drops: String(drops),
    verdicts: String(verdicts),
    stored_on: new Date(landingDay(landedAt) * DAY_MS).toISOString().slice(0, 10),
  };
}

export function problemRow(record: ProblemRecord, version: bigint): Row {
  return {
    id: String(idNumber(record.id)),
    version: String(version),
    families: record.families.map((id) => String(idNumber(id))),
    outcome: record.outcome,
    src_namespace: wellFormed(record.source.namespace),
    dst_namespace: wellFormed(record.destination.namespace),
    first_seen: nsText(record.firstNs),
    last_seen: nsText(record.lastNs),
    sighted_at: msText(record.last),
    landed_at: msText(record.landedAt),
    record: wellFormed(recordText(record)),
  };
}

export function findingRow(finding: DnsFinding, version: bigint, landedAt: number): Row {
  return {
    id: finding.id,
    version: String(version),
    rule: finding.rule,
    severity: finding.severity,
    client_namespace: wellFormed(finding.client.namespace),
    server_namespace: wellFormed(finding.server.namespace),
    first_seen: nsText(parseTimeNs(finding.firstSeen) ?? 0n),
    last_seen: nsText(parseTimeNs(finding.lastSeen) ?? 0n),
    landed_at: msText(landedAt),
    finding: wellFormed(JSON.stringify(finding)),
  };
}

/** In place of a finding that flows which came late have contradicted. */
export function noFindingRow(id: string, version: bigint, landedAt: number): Row {
  return { id, version: String(version), landed_at: msText(landedAt), finding: "" };
}

export function auditRow(finding: AuditRecord, version: bigint, landedAt: number): Row {
  return {
    id: finding.id,
    version: String(version),
    subject_namespace: wellFormed(finding.subject.namespace),
    peer_namespace: wellFormed(finding.peer.namespace),
    last_seen: nsText(parseTimeNs(finding.lastSeen) ?? 0n),
    landed_at: msText(landedAt),
    finding: wellFormed(JSON.stringify(finding)),
  };
}

function clamped(ns: bigint): bigint {
  return ns < NS_FIRST ? NS_FIRST : ns > NS_LAST ? NS_LAST : ns;
}

/** `1970-01-01 00:00:00.000000000`: a number of few digits is not read as a time. */
function nsText(given: bigint): string {
  // A row of JSON cannot tell times before 1900.
  const ns = given < 0n ? 0n : clamped(given);
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds.replace("T", " ")}.${String(ns % 1_000_000_000n).padStart(9, "0")}`;
}

/** Surrogates without their half are refused by the store's JSON. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}
