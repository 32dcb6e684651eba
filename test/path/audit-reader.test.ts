import { type AuditFinding, LOCAL_VIEWER, type Viewer } from "@dropscope/model";
import { createAuditReader, createCorrelatorStore, readJudgedBy } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

// What the correlator stores of the enforcement audit, as its readers may see it.

const NOW = Date.now();
let store: TestStore;

function finding(id: string, from: string, to: string, ageMs: number): AuditFinding {
  return {
    id,
    reason: id === "b" ? "not-loaded" : "not-enforced",
    subject: { kind: "workload", namespace: to, name: `${to}-db` },
    peer: { kind: "workload", namespace: from, name: `${from}-client` },
    direction: "ingress",
    protocol: "TCP",
    port: 5432,
    policies: [{ kind: "NetworkPolicy", namespace: to, name: `${to}-policy` }],
    allowedBy: [],
    count: 3,
    firstSeen: new Date(NOW - ageMs - 60_000).toISOString(),
    lastSeen: new Date(NOW - ageMs).toISOString(),
    nodes: ["node-1"],
    evidence: [],
    change: null,
    sentence: `${from}-client to ${to}-db passed.`,
    next: "",
  };
}

const ALL = [
  finding("a", "web", "pay", 1_000),
  finding("b", "web", "web", 60_000),
  finding("c", "pay", "pay", 3_600_000),
];
const seeing = (...namespaces: string[]): Viewer => ({ name: "v", namespaces, seesL7: false });
const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

beforeAll(async () => {
  store = await startTestStore();
  const correlator = createCorrelatorStore(store.client);
  await correlator.putAudit(
    ALL.map((one) => Object.assign({}, one, { batches: ["1", "2"] })),
    NOW,
  );
});
afterAll(() => store.close());

const reader = () => createAuditReader(store.client);
const idsFor = async (query: Parameters<ReturnType<typeof reader>["auditFindings"]>[0]) =>
  (await reader().auditFindings(query)).map(({ id }) => id);

test("newest first, as they were found, page by page", async () => {
  expect(await reader().auditFindings({ viewer: LOCAL_VIEWER })).toEqual(ALL);
  expect(await idsFor({ viewer: LOCAL_VIEWER, limit: 2 })).toEqual(["a", "b"]);
  expect(await idsFor({ viewer: LOCAL_VIEWER, limit: 2, offset: 2 })).toEqual(["c"]);
});

test("a range, a namespace and a reason narrow findings and counts alike", async () => {
  const viewer = LOCAL_VIEWER;
  expect(await idsFor({ viewer, range: { since: ns(NOW - 120_000) } })).toEqual(["a", "b"]);
  expect(await idsFor({ viewer, range: { until: ns(NOW - 600_000) } })).toEqual(["c"]);
  expect(await idsFor({ viewer, namespace: "pay" })).toEqual(["a", "c"]);
  expect(await idsFor({ viewer, reasons: ["not-loaded"] })).toEqual(["b"]);
  expect(await reader().auditCounts({ viewer, namespace: "web" })).toEqual({
    "not-loaded": 1,
    "stale-endpoint": 0,
    "other-reading": 0,
    "not-enforced": 1,
  });
});

test("S13: of other namespaces nothing is told but that there is another end", async () => {
  expect(await idsFor({ viewer: seeing("shop") })).toEqual([]);
  const seen = await reader().auditFindings({ viewer: seeing("web") });
  expect(seen.map(({ id }) => id)).toEqual(["a", "b"]);
  for (const secret of ["pay-db", "pay-policy", "pay-client"])
    expect(JSON.stringify(seen)).not.toContain(secret);
  const counts = await reader().auditCounts({ viewer: seeing("web") });
  expect(Object.values(counts).reduce((sum, one) => sum + one, 0)).toBe(2);
  // Whoever sees all of it would find these names (control).
  expect(JSON.stringify(await reader().auditFindings({ viewer: LOCAL_VIEWER }))).toContain(
    "pay-db",
  );
});

test("what an earlier run had found comes back with the batches that it counted", async () => {
  const correlator = createCorrelatorStore(store.client);
  const records = await correlator.auditRecords(2);
  expect(records.map(({ id, batches }) => [id, batches])).toEqual([
    ["a", ["1", "2"]],
    ["b", ["1", "2"]],
  ]);
});

test("by whose rules is judged is told to those who only read", async () => {
  expect(await readJudgedBy(store.client)).toBeUndefined();
  const correlator = createCorrelatorStore(store.client);
  await correlator.saveJudgedBy({ profile: "kubernetes", cluster: "prod" });
  expect(await readJudgedBy(store.client)).toEqual({ profile: "kubernetes", cluster: "prod" });
});
