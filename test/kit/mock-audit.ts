/** A policy that a node has not loaded, one that nobody enforces, and pods that none selects. */
import type { AuditAnswer, AuditFinding, OpenWorkloadsAnswer } from "@dropscope/model";
import { wholeCoverage } from "./mock-cluster.js";

const hex = (digit: string): string => digit.repeat(32);

function finding(id: string, now: number, more: Partial<AuditFinding>): AuditFinding {
  return {
    id: hex(id),
    reason: "not-enforced",
    subject: { kind: "workload", namespace: "payments", name: "payments-db" },
    peer: { kind: "workload", namespace: "web", name: "reports" },
    direction: "ingress",
    protocol: "TCP",
    port: 5432,
    policies: [{ kind: "NetworkPolicy", namespace: "payments", name: "payments-db" }],
    allowedBy: [],
    count: 37,
    firstSeen: new Date(now - 8 * 60_000).toISOString(),
    lastSeen: new Date(now - 3_000).toISOString(),
    nodes: ["worker-2"],
    evidence: ["5b3f6c1e-0000-4000-8000-000000000001", "5b3f6c1e-0000-4000-8000-000000000002"],
    change: null,
    sentence:
      "web/reports to payments/payments-db on TCP 5432 passed, though NetworkPolicy payments/payments-db makes deny the default for ingress and no rule allows it; nothing shows that these policies are enforced anywhere.",
    next: "Check that the network plugin enforces policies at all, and that its policy mode is not `never`.",
    ...more,
  };
}

export function mockAudit(now = Date.now()): AuditAnswer {
  return {
    at: now,
    findings: [
      finding("a", now, {}),
      finding("b", now, {
        reason: "not-loaded",
        port: 8443,
        count: 1,
        change: {
          time: new Date(now - 90_000).toISOString(),
          what: "policy",
          action: "changed",
          kind: "NetworkPolicy",
          namespace: "payments",
          name: "payments-db",
        },
        sentence: "web/reports to payments/payments-db on TCP 8443 passed.",
      }),
    ],
    counts: { "not-enforced": 1, "not-loaded": 1, "stale-endpoint": 0, "other-reading": 0 },
    coverage: wholeCoverage(now),
  };
}

export function mockOpenWorkloads(now = Date.now()): OpenWorkloadsAnswer {
  const both = ["ingress", "egress"] as const;
  return {
    at: now,
    workloads: [
      {
        namespace: "web",
        name: "reports",
        kind: "Deployment",
        pods: 3,
        open: both,
        selected: false,
      },
      {
        namespace: "web",
        name: "cron-cleanup",
        kind: "CronJob",
        pods: 1,
        open: both,
        selected: false,
      },
      {
        namespace: "payments",
        name: "payments-db",
        kind: "StatefulSet",
        pods: 2,
        open: ["egress"],
        selected: true,
      },
    ],
    counts: { workloads: 3, pods: 6, unselectedWorkloads: 2, unselectedPods: 4 },
    coverage: wholeCoverage(now),
  };
}
