import { describe, expect, test } from "vitest";
import { cutAuditFinding, cutDnsFinding, cutExplanation, cutProblem } from "./cut-explanation.js";
import type { DropExplanation } from "./explanation.js";
import type { DnsFinding } from "./dns-finding.js";
import type { Problem } from "./problem.js";
import { LOCAL_VIEWER, type Viewer } from "./viewer.js";

// Everything of namespace `a` carries the mark AAA in every text, everything of `b` BBB.

const viewer = (namespaces: string[], seesL7 = true): Viewer => ({ name: "v", namespaces, seesL7 });
const policy = (mark: string) => ({
  kind: "NetworkPolicy",
  namespace: mark.slice(0, 1).toLowerCase(),
  name: `${mark}-policy`,
});
const change = (mark: string) =>
  ({ time: "2026-01-01T00:00:00Z", what: "policy", action: "changed", ...policy(mark) }) as const;

const explanation: DropExplanation = {
  uuid: "u",
  time: "2026-01-01T00:00:00Z",
  direction: "ingress",
  outcome: "default-deny",
  selecting: [policy("AAA"), policy("BBB")],
  denying: [],
  nearest: {
    policy: "b/BBB-policy",
    rule: "spec.ingress[0]",
    failed: [{ part: "peer", wanted: "app=BBB", got: "app=AAA" }],
  },
  agreement: "same",
  sentence: "a/AAA to b/BBB was dropped.",
  next: "Let BBB allow AAA.",
  reason: "POLICY_DENIED",
  audited: false,
  change: change("BBB"),
  places: [{ policy: policy("BBB"), path: "spec", source: "BBB.yaml:1", role: "isolates" }],
};
const ends = { source: "a", destination: "b" };

const problem: Problem = {
  id: "0000000000000001",
  state: "new",
  outcome: "default-deny",
  reason: "POLICY_DENIED",
  direction: "ingress",
  source: { kind: "workload", namespace: "a", name: "AAA" },
  destination: { kind: "workload", namespace: "b", name: "BBB" },
  protocol: "TCP",
  port: 80,
  policies: [policy("BBB")],
  folded: "",
  count: 3,
  rate: 1,
  firstSeen: "",
  lastSeen: "",
  pods: ["a/AAA-0"],
  podCount: 1,
  nodes: ["node"],
  nodeCount: 1,
  peers: ["b/BBB-0"],
  peerCount: 1,
  agreement: "same",
  explanation,
  change: change("BBB"),
  dns: [],
  samples: ["u"],
};

const finding = {
  rule: "D1",
  id: "f",
  severity: "high",
  client: { kind: "workload", namespace: "a", name: "AAA" },
  server: { kind: "workload", namespace: "kube-system", name: "coredns" },
  query: "AAA.example",
  detail: "",
  firstSeen: "",
  lastSeen: "",
  count: 1,
  policies: [policy("AAA")],
  sentence: "a/AAA cannot look up AAA.example.",
  stall: null,
  next: "Let AAA ask.",
  evidence: ["u"],
} as unknown as DnsFinding;

const audit = {
  id: "x",
  reason: "not-enforced",
  subject: { kind: "workload", namespace: "b", name: "BBB" },
  peer: { kind: "workload", namespace: "a", name: "AAA" },
  direction: "ingress",
  protocol: "TCP",
  port: 80,
  policies: [policy("BBB")],
  allowedBy: [policy("AAA")],
  count: 1,
  firstSeen: "",
  lastSeen: "",
  nodes: [],
  evidence: [],
  change: change("BBB"),
  sentence: "AAA reached BBB.",
  next: "Look at BBB.",
} as const;

const cuts = {
  explanation: (who: Viewer) => cutExplanation(explanation, ends, who),
  problem: (who: Viewer) => cutProblem(problem, who),
  "DNS finding": (who: Viewer) => cutDnsFinding(finding, who),
  "audit finding": (who: Viewer) => cutAuditFinding(audit, who),
};

describe.each(Object.entries(cuts))("%s", (name, cut) => {
  test("as it is for who may see everything, and nothing for a stranger", () => {
    expect(JSON.stringify(cut(LOCAL_VIEWER))).toMatch(/AAA/);
    expect(JSON.stringify(cut(LOCAL_VIEWER))).toBe(
      JSON.stringify(cut(viewer(["a", "b", "kube-system"]))),
    );
    expect(cut(viewer(["c"]))).toBeUndefined();
    expect(cut(viewer([]))).toBeUndefined();
  });

  test.skipIf(name === "DNS finding")("no mark of the other namespace, from either side", () => {
    expect(JSON.stringify(cut(viewer(["a"])))).not.toMatch(/BBB/);
    expect(JSON.stringify(cut(viewer(["b"])))).not.toMatch(/AAA/);
  });
});

test("the resolver's namespace sees that lookups fail, not whose and which", () => {
  const seen = JSON.stringify(cutDnsFinding(finding, viewer(["kube-system"])));
  expect(seen).not.toMatch(/AAA/);
  expect(seen).toMatch(/D1/);
});

test("without the right to see requests, none is told", () => {
  const l7: DropExplanation = {
    ...explanation,
    outcome: "l7-denied",
    nearest: {
      policy: "b/p",
      rule: "r",
      failed: [{ part: "l7", wanted: "GET /AAA", got: "GET /BBB" }],
    },
    sentence: "GET /BBB was refused.",
  };
  const seen = JSON.stringify(cutExplanation(l7, ends, viewer(["a", "b"], false)));
  expect(seen).not.toMatch(/GET/);
  const dns = cutDnsFinding(finding, viewer(["a"], false));
  expect(JSON.stringify(dns)).not.toMatch(/AAA\.example/);
});

test.each(["peers", "workloads", "everything"] as const)(
  "far ends that are folded (%s) are of many namespaces, and not told",
  (folded) => {
    const many: Problem = {
      ...problem,
      folded,
      destination: { kind: "unknown", namespace: "", name: "" },
      peers: ["b/BBB-0", "c/CCC-0"],
      peerCount: 2,
      explanation: { ...explanation, selecting: [], nearest: null, places: [], change: null },
      policies: [],
      change: null,
    };
    const seen = cutProblem(many, viewer(["a"]));
    expect(seen).toMatchObject({ peers: [], peerCount: 0, pods: ["a/AAA-0"] });
    // Its newest explanation is about one of them.
    expect(JSON.stringify(seen)).not.toMatch(/BBB|CCC/);
    expect(cutProblem(many, LOCAL_VIEWER)).toBe(many);
  },
);
