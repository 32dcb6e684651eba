import type { AuditFinding, AuditReason, OpenWorkload } from "./audit-finding.js";
import type { Coverage } from "./live.js";

/** REST: GET /api/v1/audit — what passed although policies deny it. */
export interface AuditAnswer {
  /** ms since 1970. */
  readonly at: number;
  /** Newest first. */
  readonly findings: readonly AuditFinding[];
  /** All of the question, not only those of this page. */
  readonly counts: Readonly<Record<AuditReason, number>>;
  /** Cursor of the next page; absent on the last. */
  readonly next?: string;
  readonly coverage: Coverage;
}

/** REST: GET /api/v1/audit/open — workloads of a moment that no policy restricts. */
export interface OpenWorkloadsAnswer {
  /** ms since 1970. */
  readonly at: number;
  /** Those that no policy selects at all come first, then by namespace and name. */
  readonly workloads: readonly OpenWorkload[];
  readonly counts: OpenCounts;
  readonly next?: string;
  readonly coverage: Coverage;
}

export interface OpenCounts {
  /** Workloads that are open in at least one direction. */
  readonly workloads: number;
  readonly pods: number;
  /** Of these, what no policy selects at all. */
  readonly unselectedWorkloads: number;
  readonly unselectedPods: number;
}
