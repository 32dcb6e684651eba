import {
  AUDIT_REASONS,
  type AuditFinding,
  type AuditReason,
  cutAuditFinding,
  type Viewer,
} from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { and, or } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import type { TimeRange } from "../reader.js";
import { visibleSql } from "./problem-sql.js";
import type { AuditRecord } from "./types.js";

export interface AuditQuery {
  readonly viewer: Viewer;
  /** Findings of which something was seen in the range, both ends inclusive; all when absent. */
  readonly range?: TimeRange;
  /** The same without an end, ns since 1970. */
  readonly since?: bigint;
  /** Of either end. */
  readonly namespace?: string;
  readonly reasons?: readonly AuditReason[];
  /** At most; 500 when absent. */
  readonly limit?: number;
  /** Findings that are left out at the beginning; 0 when absent. */
  readonly offset?: number;
}

/** What passed although the policies deny it, as the correlator found it. */
export interface AuditReader {
  /** Newest first. */
  auditFindings(query: AuditQuery, signal?: AbortSignal): Promise<AuditFinding[]>;
  /** How many there are, whatever the limit. */
  auditCounts(
    query: Omit<AuditQuery, "limit" | "offset">,
    signal?: AbortSignal,
  ): Promise<Record<AuditReason, number>>;
}

const DEFAULT_LIMIT = 500;
const NAMESPACES = ["subject_namespace", "peer_namespace"];
const REASON = "JSONExtractString(finding, 'reason')";

export function createAuditReader(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile" } = {},
): AuditReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  return {
    async auditFindings(query, signal) {
      const { viewer, limit = DEFAULT_LIMIT, offset = 0 } = query;
      const params = new Params();
      const rows = await run.rows<{ finding: string }>(
        `SELECT finding FROM audit_findings FINAL WHERE ${whereOf(query, params)} ORDER BY last_seen DESC, id
         LIMIT ${params.add("UInt64", BigInt(limit))} OFFSET ${params.add("UInt64", BigInt(offset))}`,
        params,
        signal,
      );
      return rows.flatMap(({ finding }) => {
        const { batches: _, ...found } = JSON.parse(finding) as AuditRecord;
        return cutAuditFinding(found, viewer) ?? [];
      });
    },
    async auditCounts(query, signal) {
      const params = new Params();
      const rows = await run.rows<{ reason: AuditReason; findings: string }>(
        `SELECT ${REASON} AS reason, count() AS findings FROM audit_findings FINAL WHERE ${whereOf(query, params)} GROUP BY reason`,
        params,
        signal,
      );
      const known = new Map(rows.map(({ reason, findings }) => [reason, Number(findings)]));
      const counts = AUDIT_REASONS.map((reason) => [reason, known.get(reason) ?? 0] as const);
      return Object.fromEntries(counts) as Record<AuditReason, number>;
    },
  };
}

/** For the correlator itself: what it knew before it was stopped or killed. */
export async function auditRecords(
  run: Runner,
  most: number,
  signal: AbortSignal | undefined,
): Promise<AuditRecord[]> {
  const params = new Params();
  const rows = await run.rows<{ finding: string }>(
    `SELECT finding FROM audit_findings FINAL ORDER BY last_seen DESC, id LIMIT ${params.add("UInt64", BigInt(most))}`,
    params,
    signal,
  );
  return rows.map(({ finding }) => JSON.parse(finding) as AuditRecord);
}

function whereOf(query: Omit<AuditQuery, "limit" | "offset">, params: Params): string {
  const { viewer, range = {}, since = range.since, namespace, reasons } = query;
  return and([
    visibleSql(viewer, NAMESPACES, params),
    since === undefined ? "1" : `last_seen >= ${timeSql(since, params)}`,
    range.until === undefined
      ? "1"
      : `parseDateTime64BestEffortOrZero(JSONExtractString(finding, 'firstSeen'), 9, 'UTC') <= ${timeSql(range.until, params)}`,
    namespace === undefined
      ? "1"
      : or(NAMESPACES.map((column) => `${column} = ${params.add("String", namespace)}`)),
    reasons === undefined ? "1" : `${REASON} IN ${params.add("Array(String)", reasons)}`,
  ]);
}
