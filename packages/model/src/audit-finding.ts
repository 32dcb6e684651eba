import type { ChangeMark, PolicyName } from "./explanation.js";
import type { Peer } from "./live.js";

/** Traffic that passed although the policies deny it. Plain data: it is stored and sent to the page as it is. */
export interface AuditFinding {
  /** Hash of what folds: the same traffic gives the same id, whenever it is found again. */
  readonly id: string;
  readonly reason: AuditReason;
  /** The workload whose policies say no. */
  readonly subject: Peer;
  readonly peer: Peer;
  readonly direction: "ingress" | "egress";
  readonly protocol: string;
  readonly port: number;
  /** Policies that deny it by our reading. */
  readonly policies: readonly PolicyName[];
  /** Policies that the data path says allowed it. */
  readonly allowedBy: readonly PolicyName[];
  /** New connections that passed. */
  readonly count: number;
  /** RFC 3339. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Nodes that let it pass, at most 50, by name. */
  readonly nodes: readonly string[];
  /** uuids of flows that show it, newest first, at most 5. */
  readonly evidence: readonly string[];
  /** The change of those policies, or of labels, that came just before. */
  readonly change: ChangeMark | null;
  /** One plain sentence: what passed, which policies deny it, and what that most likely means. */
  readonly sentence: string;
  readonly next: string;
}

/**
 * What most likely lets it pass: `not-loaded`, the policy changed shortly before; `stale-endpoint`,
 * the same policies are enforced elsewhere; `other-reading`, the data path names a policy that
 * allows it; `not-enforced`, nothing says that these policies are enforced anywhere.
 */
export const AUDIT_REASONS = [
  "not-loaded",
  "stale-endpoint",
  "other-reading",
  "not-enforced",
] as const;
export type AuditReason = (typeof AUDIT_REASONS)[number];

/** A workload that no policy restricts, at least in one direction. */
export interface OpenWorkload {
  readonly namespace: string;
  readonly name: string;
  /** Kind of its owner (`ReplicaSet`), or `Pod`. */
  readonly kind: string;
  readonly pods: number;
  /** Directions in which no policy makes deny the default. */
  readonly open: readonly ("ingress" | "egress")[];
  /** Whether a policy selects it at all. */
  readonly selected: boolean;
}
