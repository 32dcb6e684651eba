import type { DropExplanation, Problem } from "@dropscope/model";

/** A plausible explanation; the test says what matters. */
export function explanationAt(ms: number, change: Partial<DropExplanation> = {}): DropExplanation {
  return {
    uuid: "00000000-0000-4000-8000-000000000001",
    time: new Date(ms).toISOString(),
    direction: "egress",
    outcome: "default-deny",
    selecting: [{ kind: "NetworkPolicy", namespace: "web", name: "checkout-egress" }],
    denying: [],
    nearest: null,
    agreement: "cilium-silent",
    sentence: "web/checkout may not reach kube-system/coredns on UDP 53.",
    next: "Add a rule for DNS to NetworkPolicy web/checkout-egress.",
    reason: "POLICY_DENIED",
    audited: false,
    change: null,
    places: [],
    ...change,
  };
}

let ids = 0;

/** A plausible problem, last seen at `ms`. */
export function problemAt(ms: number, change: Partial<Problem> = {}): Problem {
  const explanation = change.explanation ?? explanationAt(ms);
  ids += 1;
  return {
    id: ids.toString(16).padStart(16, "0"),
    state: "new",
    outcome: explanation.outcome,
    reason: explanation.reason,
    direction: explanation.direction,
    source: { kind: "workload", namespace: "web", name: "checkout" },
    destination: { kind: "workload", namespace: "kube-system", name: "coredns" },
    protocol: "UDP",
    port: 53,
    policies: explanation.selecting,
    folded: "",
    count: 120,
    rate: 12,
    firstSeen: new Date(ms - 60_000).toISOString(),
    lastSeen: new Date(ms).toISOString(),
    pods: ["web/checkout-7d4b9c6f5-abcde"],
    podCount: 1,
    nodes: ["node-1"],
    nodeCount: 1,
    peers: ["kube-system/coredns-5d78c9869d-xyz12"],
    peerCount: 1,
    agreement: explanation.agreement,
    explanation,
    change: explanation.change,
    dns: [],
    samples: [],
    ...change,
  };
}
