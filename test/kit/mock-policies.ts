/** A few policies as the dashboard answers about them: one that drops, one that lints dislike, many that are well. */
import type { PoliciesAnswer, PolicyAnswer, PolicyRow, ProblemRow } from "@dropscope/model";
import { wholeCoverage } from "./mock-cluster.js";

const NONE = { error: 0, high: 0, medium: 0, low: 0, info: 0 };
const HOUR = 3_600_000;

function row(
  kind: string,
  namespace: string,
  name: string,
  now: number,
  more: Partial<PolicyRow> = {},
): PolicyRow {
  return {
    policy: { kind, namespace, name },
    from: now - 70 * HOUR,
    to: null,
    versions: 1,
    source: "kubernetes",
    isolates: { ingress: true, egress: false },
    denies: { ingress: false, egress: false },
    pods: 3,
    workloads: 1,
    findings: NONE,
    problems: [],
    rate: 0,
    ...more,
  };
}

export function mockPolicies(now = Date.now()): PoliciesAnswer {
  const CNP = "CiliumNetworkPolicy";
  return {
    at: now,
    knownSince: now - 2_000 * HOUR,
    lint: "done",
    coverage: wholeCoverage(now),
    policies: [
      row(CNP, "payments", "payments-api", now, {
        from: now - 7 * 60_000,
        versions: 4,
        isolates: { ingress: true, egress: true },
        findings: { ...NONE, high: 1, medium: 1 },
        problems: ["aaaaaaaaaaaaaaa5", "aaaaaaaaaaaaaaac"],
        rate: 92,
        pods: 6,
        workloads: 2,
      }),
      row("NetworkPolicy", "web", "cart-egress-without-dns", now, {
        isolates: { ingress: false, egress: true },
        findings: { ...NONE, error: 1 },
        problems: ["aaaaaaaaaaaaaa13"],
        rate: 21,
      }),
      row("NetworkPolicy", "web", "frontend", now),
      row(
        "NetworkPolicy",
        "web",
        "typo-in-the-selector-of-a-very-long-policy-name-from-helm",
        now,
        {
          pods: 0,
          workloads: 0,
          findings: { ...NONE, medium: 1, info: 2 },
        },
      ),
      row("CiliumClusterwideNetworkPolicy", "", "baseline-dns", now, { pods: 214, workloads: 41 }),
      row("NetworkPolicy", "monitoring", "prometheus", now, {
        findings: { ...NONE, low: 1 },
      }),
      row(CNP, "ingress-nginx", "controller", now),
    ],
  };
}

const YAML = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: payments-api
  namespace: payments
spec:
  endpointSelector:
    matchLabels:
      app: payments-api
  ingress:
    # The shop calls us.
    - fromEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: web
            app: frontend
      toPorts:
        - ports:
            - port: "8443"
              protocol: TCP
  egress:
    - toEndpoints:
        - matchLabels:
            app: postgres
      toPorts:
        - ports:
            - port: "5432"
    - toFQDNs:
        - matchName: api.stripe.com
`;

const DIFF = `--- a/payments-api.yaml
+++ b/payments-api.yaml
@@ -10,9 +10,7 @@
   ingress:
     # The shop calls us.
     - fromEndpoints:
         - matchLabels:
             k8s:io.kubernetes.pod.namespace: web
-        - matchLabels:
-            app: cart
             app: frontend
       toPorts:
`;

export function mockPolicy(now = Date.now(), problems: readonly ProblemRow[] = []): PolicyAnswer {
  const policy = { kind: "CiliumNetworkPolicy", namespace: "payments", name: "payments-api" };
  const version = { policy, source: "kubernetes", yaml: YAML };
  return {
    policy,
    versions: [
      {
        ...version,
        from: now - 7 * 60_000,
        to: null,
        resourceVersion: "4711",
        diff: DIFF,
        marks: [
          {
            first: 27,
            last: 28,
            role: "finding",
            path: "spec.egress[1]",
            text: "NP014: names are allowed, and no rule lets the pod ask for them through the DNS proxy",
          },
        ],
      },
      {
        ...version,
        from: now - 50 * HOUR,
        to: now - 7 * 60_000,
        resourceVersion: "3120",
        diff: "",
        marks: [],
      },
    ],
    findings: [
      {
        id: "NP014",
        severity: "high",
        message: "toFQDNs works only for names that the pod asked for through Cilium's DNS proxy.",
        fix: "Add an egress rule to kube-dns with rules.dns.",
        first: 27,
        last: 28,
        path: "spec.egress[1]",
        diff: "--- a/p\n+++ b/p\n@@ -27,2 +27,3 @@\n     - toFQDNs:\n         - matchName: api.stripe.com\n+    # with the rule for kube-dns\n",
      },
      {
        id: "NP009",
        severity: "medium",
        message: "Port 5432 names no protocol, so every protocol is allowed.",
        fix: "",
        first: 26,
        last: 26,
        path: "spec.egress[0].toPorts[0].ports[0]",
        diff: "",
      },
    ],
    isolates: { ingress: true, egress: true },
    denies: { ingress: false, egress: false },
    selects: {
      podCount: 3,
      pods: [
        "payments/payments-api-7d9c5-abcde",
        "payments/payments-api-7d9c5-fghij",
        "payments/payments-api-7d9c5-klmno",
      ],
      workloads: [{ kind: "workload", namespace: "payments", name: "payments-api" }],
    },
    problems,
    trend: { from: now - 24 * HOUR, to: now, stepMs: HOUR },
    coverage: wholeCoverage(now),
  };
}

/** As few fields as a row may have, about one edge of the shop. */
export function mockProblemRow(now = Date.now()): ProblemRow {
  const at = (ms: number): string => new Date(now - ms).toISOString();
  return {
    id: "aaaaaaaaaaaaaaa5",
    state: "new",
    outcome: "default-deny",
    reason: "POLICY_DENIED",
    direction: "ingress",
    source: { kind: "workload", namespace: "web", name: "cart" },
    destination: { kind: "workload", namespace: "payments", name: "payments-api" },
    protocol: "TCP",
    port: 8443,
    policies: [{ kind: "CiliumNetworkPolicy", namespace: "payments", name: "payments-api" }],
    folded: "",
    count: 1204,
    rate: 92,
    firstSeen: at(7 * 60_000),
    lastSeen: at(2000),
    podCount: 3,
    nodeCount: 2,
    peerCount: 1,
    agreement: "same",
    change: null,
    dns: [],
    sentence:
      "web/cart may not reach payments/payments-api on TCP 8443: payments/payments-api allows only app=frontend since 7 minutes ago.",
    next: "Add app=cart to spec.ingress[0].",
    audited: false,
    trend: Array.from({ length: 24 }, (_, index) => (index > 20 ? index * 9 : 0)),
  };
}
