import { type AuditFinding, cutAuditFinding, type Viewer } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits } from "../read/run.js";
import { and, or } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import { visibleSql } from "./problem-sql.js";

export interface AuditQuery {
  readonly viewer: Viewer;
  /** Only what was seen then or later, ns since 1970. */
  readonly since?: bigint;
  readonly namespace?: string;
  /** At most; 500 when absent. */
  readonly limit?: number;
}

/** What passed although the policies deny it, as the correlator found it. */
export interface AuditReader {
  /** Newest first. */
  auditFindings(query: AuditQuery, signal?: AbortSignal): Promise<AuditFinding[]>;
}

const DEFAULT_LIMIT = 500;
const NAMESPACES = ["subject_namespace", "peer_namespace"];

export function createAuditReader(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile" } = {},
): AuditReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  return {
    async auditFindings({ viewer, since, namespace, limit = DEFAULT_LIMIT }, signal) {
      const params = new Params();
      const where = and([
        visibleSql(viewer, NAMESPACES, params),
        since === undefined ? "1" : `last_seen >= ${timeSql(since, params)}`,
        namespace === undefined
          ? "1"
          : or(NAMESPACES.map((column) => `${column} = ${params.add("String", namespace)}`)),
      ]);
      const rows = await run.rows<{ finding: string }>(
        `SELECT finding FROM audit_findings FINAL WHERE ${where} ORDER BY last_seen DESC, id LIMIT ${params.add("UInt64", BigInt(limit))}`,
        params,
        signal,
      );
      return rows.flatMap(
        ({ finding }) => cutAuditFinding(JSON.parse(finding) as AuditFinding, viewer) ?? [],
      );
    },
  };
}
