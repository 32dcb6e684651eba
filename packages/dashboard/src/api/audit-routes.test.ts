import type { AuditAnswer, AuditFinding, OpenWorkloadsAnswer } from "@dropscope/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveDashboard, type ServedDashboard } from "../testing/serve.js";
import { API_ROUTES } from "./routes.js";

const now = Date.now();
let served: ServedDashboard;

function finding(id: number, ageMs: number, more: Partial<AuditFinding> = {}): AuditFinding {
  return {
    id: String(id),
    reason: "not-enforced",
    subject: { kind: "workload", namespace: "web", name: "db" },
    peer: { kind: "workload", namespace: "web", name: "checkout" },
    direction: "ingress",
    protocol: "TCP",
    port: 5432,
    policies: [{ kind: "NetworkPolicy", namespace: "web", name: "db-ingress" }],
    allowedBy: [],
    count: 3,
    firstSeen: new Date(now - ageMs - 1_000).toISOString(),
    lastSeen: new Date(now - ageMs).toISOString(),
    nodes: ["node-1"],
    evidence: [],
    change: null,
    sentence: "It passed.",
    next: "",
    ...more,
  };
}

const pod = (name: string, app: string): string => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: web, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i }] }
`;

beforeAll(async () => {
  served = await serveDashboard();
  served.knowledge.stored.audited.push(
    finding(1, 60_000),
    finding(2, 30_000, { reason: "not-loaded" }),
    finding(3, 3_600_000),
    finding(4, 48 * 3_600_000),
    finding(5, 1_000, { subject: { kind: "workload", namespace: "other", name: "x" } }),
  );
  served.knowledge.addManifests(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
${pod("db-0", "db")}${pod("cart-0", "cart")}${pod("shop-0", "shop")}`);
});
afterAll(() => served.close());

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${served.url}/api/v1/${path}`);
  expect(response.status).toBe(200);
  const body = (await response.json()) as Answer;
  const route = API_ROUTES.find((one) => one.path === `/${path.replace(/\?.*/, "")}`);
  expect(() => route?.answer.parse(body)).not.toThrow();
  return body;
}

const ids = ({ findings }: AuditAnswer): string[] => findings.map(({ id }) => id);

test("what passed although denied: of the last day, newest first, with counts", async () => {
  const answer = await ask<AuditAnswer>("audit");
  expect(ids(answer)).toEqual(["5", "2", "1", "3"]);
  expect(answer.counts).toMatchObject({ "not-enforced": 3, "not-loaded": 1, "stale-endpoint": 0 });
  expect(answer.next).toBeUndefined();
});

test("a range and a namespace narrow it", async () => {
  expect(ids(await ask("audit?since=15m"))).toEqual(["5", "2", "1"]);
  expect(ids(await ask("audit?since=7d"))).toEqual(["5", "2", "1", "3", "4"]);
  expect(ids(await ask("audit?namespace=other"))).toEqual(["5"]);
  expect((await ask<AuditAnswer>("audit?namespace=other")).counts["not-loaded"]).toBe(0);
});

test("pages follow one another without a gap or repeat", async () => {
  const first = await ask<AuditAnswer>("audit?limit=3");
  expect(ids(first)).toEqual(["5", "2", "1"]);
  const second = await ask<AuditAnswer>(`audit?limit=3&cursor=${first.next}`);
  expect(ids(second)).toEqual(["3"]);
  expect(second.next).toBeUndefined();
});

test("workloads that no policy restricts, page by page, with counts of all", async () => {
  const counts = { workloads: 3, pods: 3, unselectedWorkloads: 2, unselectedPods: 2 };
  const first = await ask<OpenWorkloadsAnswer>("audit/open?limit=2");
  expect(first.workloads.map(({ name, selected }) => [name, selected])).toEqual([
    ["cart-0", false],
    ["shop-0", false],
  ]);
  expect(first.counts).toEqual(counts);
  const second = await ask<OpenWorkloadsAnswer>(`audit/open?limit=2&cursor=${first.next}`);
  expect(second.workloads).toMatchObject([{ name: "db-0", open: ["egress"], selected: true }]);
  expect(second.counts).toEqual(counts);
  expect((await ask<OpenWorkloadsAnswer>("audit/open?namespace=none")).workloads).toEqual([]);
});

test("what is not asked for in this way is refused", async () => {
  for (const query of ["limit=0", "limit=501", "cursor=x", "filter=--pod+web/x"])
    expect((await fetch(`${served.url}/api/v1/audit?${query}`)).status).toBe(400);
});
