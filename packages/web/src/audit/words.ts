/** How findings of the enforcement audit read. Pure. */
import type {
  AuditAnswer,
  AuditFinding,
  AuditReason,
  Edge,
  OpenWorkload,
  OpenWorkloadsAnswer,
  Peer,
} from "@dropscope/model";
import { plural } from "../lib/format.js";

const REASONS: Readonly<Record<AuditReason, string>> = {
  "not-enforced": "nothing shows that these policies are enforced anywhere",
  "stale-endpoint": "enforced elsewhere; this endpoint is behind",
  "not-loaded": "changed shortly before; the node has not taken it over",
  "other-reading": "the data path says that another policy allows it",
};

export function reasonText(reason: AuditReason): string {
  return REASONS[reason];
}

export function findingCount({ counts }: Pick<AuditAnswer, "counts">): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Who talked to whom: the subject is the end whose policies say no. */
export function endsOf({ subject, peer, direction }: AuditFinding): [from: Peer, to: Peer] {
  return direction === "egress" ? [subject, peer] : [peer, subject];
}

/** As an edge of the flow list, so that the same conditions find its flows. */
export function edgeOf(finding: AuditFinding): Edge {
  const [source, destination] = endsOf(finding);
  const { id, protocol, port, direction, count, firstSeen, lastSeen } = finding;
  return {
    id,
    source,
    destination,
    protocol,
    port,
    direction,
    verdict: "FORWARDED",
    reason: "",
    count,
    rate: 0,
    firstSeen: Date.parse(firstSeen),
    lastSeen: Date.parse(lastSeen),
  };
}

/** `12 workloads, 40 pods`; what no policy selects at all. */
export function unselectedText({ counts }: Pick<OpenWorkloadsAnswer, "counts">): string {
  const { unselectedWorkloads, unselectedPods } = counts;
  if (unselectedPods === 0) return "Every pod is selected by a policy.";
  return `${plural(unselectedWorkloads, "workload")}, ${plural(unselectedPods, "pod")}`;
}

export function openText({ open }: Pick<OpenWorkload, "open">): string {
  return open.length === 2 ? "both directions" : (open[0] ?? "");
}

export function workloadPeer({ namespace, name, kind }: OpenWorkload): Peer {
  return { kind: kind === "Pod" ? "pod" : "workload", namespace, name };
}
