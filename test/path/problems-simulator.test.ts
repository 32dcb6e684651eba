import { join } from "node:path";
import type { IncidentName } from "@dropscope/ingester/simulator";
import { LOCAL_VIEWER, type Problem, type Viewer } from "@dropscope/model";
import { createProblemReader } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  correlateAll,
  CORRELATED_TABLES,
  flowsOfLines,
  forget,
  knownProblems,
  land,
  packets,
} from "../kit/correlated.js";
import { cleanUp, scratchDir } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

// What goes wrong in the simulated cluster, from its flows through the store to its problems.

let store: TestStore;

beforeAll(async () => {
  store = await startTestStore();
});
afterAll(async () => {
  await store.close();
  await cleanUp();
});

const named = (...names: string[]) => names.map((name) => ({ name }));

interface Wanted {
  readonly seconds: number;
  readonly problem: object;
  /** Of the incident; others of the simulated traffic may stand beside it. */
  readonly is: (problem: Pick<Problem, "source" | "destination" | "port">) => boolean;
}

const WANTED: Partial<Record<IncidentName, Wanted>> = {
  "egress-without-dns": {
    seconds: 20,
    is: ({ port }) => port === 53,
    problem: {
      outcome: "default-deny",
      direction: "egress",
      source: { kind: "workload", namespace: "web", name: "checkout" },
      destination: { kind: "workload", namespace: "kube-system", name: "coredns" },
      protocol: "UDP",
      policies: named("checkout-egress"),
      dns: [expect.any(String)],
    },
  },
  "renamed-label": {
    seconds: 20,
    is: ({ destination }) => destination.name === "payments-api",
    problem: {
      outcome: "default-deny",
      direction: "ingress",
      source: { namespace: "web", name: "checkout-v2" },
      policies: named("default-deny-ingress", "payments-api-ingress"),
      explanation: {
        nearest: {
          policy: "payments/payments-api-ingress",
          failed: [{ part: "peer", wanted: "app=checkout", got: "app=checkout-v2" }],
        },
      },
    },
  },
  "scrape-port": {
    seconds: 20,
    is: ({ port }) => port === 9464,
    problem: {
      outcome: "default-deny",
      direction: "ingress",
      source: { namespace: "monitoring", name: "prometheus" },
      destination: { namespace: "payments", name: "payments-api" },
      policies: named("default-deny-ingress", "payments-api-ingress"),
    },
  },
  "explicit-deny": {
    seconds: 20,
    is: ({ port }) => port === 5432,
    problem: {
      outcome: "denied-by-rule",
      source: { namespace: "web", name: "catalog" },
      destination: { namespace: "payments", name: "postgres" },
      policies: named("deny-web-to-postgres"),
      agreement: "same",
    },
  },
  "cloud-metadata": {
    seconds: 30,
    is: ({ port }) => port === 80,
    problem: {
      outcome: "denied-by-rule",
      direction: "egress",
      source: { namespace: "web", name: "frontend" },
      destination: { name: "169.254.169.254" },
      policies: named("no-cloud-metadata"),
      agreement: "same",
    },
  },
  "stale-ip": {
    seconds: 10,
    is: ({ port }) => port === 6379,
    problem: { outcome: "not-policy", policies: [], reason: "STALE_OR_UNROUTABLE_IP" },
  },
};

describe.each(Object.entries(WANTED) as [IncidentName, Wanted][])("%s", (incident, wanted) => {
  test("is one problem, with the policy that causes it and every packet counted once", async () => {
    await forget(store.client, ["flows", "batches", ...CORRELATED_TABLES]);
    const dir = join(scratchDir(), "policies");
    const { lines, policies } = await simulatedFlows(incident, wanted.seconds, dir);
    const flows = flowsOfLines(lines);
    await land(store.client, flows, 50);
    await correlateAll(store.client, policies, "shop");

    const problems = await knownProblems(store.client);
    const own = problems.filter(wanted.is);
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ ...wanted.problem, folded: "" });
    expect(problems.reduce((sum, { count }) => sum + count, 0)).toBe(packets(flows));

    // Every drop has its explanation, and the problem's flows are those.
    const reader = createProblemReader(store.client);
    const { id, samples, count } = own[0]!;
    const explained = await reader.flowsOf(id, { viewer: LOCAL_VIEWER, limit: 1000 });
    expect(explained.length).toBeGreaterThanOrEqual(count);
    for (const uuid of samples)
      expect(await reader.explanationOf(uuid, LOCAL_VIEWER)).toMatchObject({
        problem: id,
        explanation: { uuid, outcome: own[0]!.outcome },
      });
    const since = explained.at(-1)!.timeNs;
    const until = explained[0]!.timeNs;
    for (const stepMs of [1000, 60_000]) {
      const line = await reader.timeline(id, { viewer: LOCAL_VIEWER, since, until, stepMs });
      const sum = line!.series[0]!.counts.reduce((total, one) => total + one, 0);
      // The two events of a packet may lie on two sides of a border.
      expect(Math.abs(sum - count)).toBeLessThanOrEqual(stepMs === 1000 ? 3 : 1);
    }
  });
});

describe("who may see it", () => {
  const viewer = (...namespaces: string[]): Viewer => ({ name: "v", namespaces, seesL7: true });

  test("a problem is seen from either end, and the other end is not told", async () => {
    await forget(store.client, ["flows", "batches", ...CORRELATED_TABLES]);
    const dir = join(scratchDir(), "policies");
    const { lines, policies } = await simulatedFlows("explicit-deny", 10, dir);
    await land(store.client, flowsOfLines(lines), 100);
    await correlateAll(store.client, policies, "shop");
    const reader = createProblemReader(store.client);
    const of = async (...namespaces: string[]): Promise<Problem[]> =>
      (await reader.problems({ viewer: viewer(...namespaces) })).filter(
        ({ port }) => port === 5432,
      );

    const [all] = await of("web", "payments");
    expect(all).toMatchObject({ source: { name: "catalog" }, destination: { name: "postgres" } });
    expect(await of("monitoring")).toEqual([]);
    const [web] = await of("web");
    expect(JSON.stringify(web)).not.toMatch(/postgres/);
    expect(web).toMatchObject({
      source: { name: "catalog" },
      destination: { kind: "unknown", namespace: "payments", name: "" },
      count: all!.count,
    });
    const [payments] = await of("payments");
    expect(JSON.stringify(payments)).not.toMatch(/catalog/);
    expect(payments!.policies).toMatchObject(named("deny-web-to-postgres"));

    const [uuid] = all!.samples;
    expect(await reader.explanationOf(uuid!, viewer("monitoring"))).toBeUndefined();
    const explained = await reader.explanationOf(uuid!, viewer("web"));
    expect(JSON.stringify(explained!.explanation)).not.toMatch(/postgres/);
    expect(await reader.problem(all!.id, viewer("monitoring"))).toBeUndefined();
  });
});
