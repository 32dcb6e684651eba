import { randomUUID } from "node:crypto";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { FakeRelay, until } from "@dropscope/ingester/testing";
import type {
  AuditAnswer,
  AuditFinding,
  OpenWorkloadsAnswer,
  PoliciesAnswer,
  PolicyAnswer,
} from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, dashboardUrl, runCli, scratchDir, startCli, type Cli } from "../kit/run-cli.js";

// Traffic that the data path lets through though the policies deny it, from the relay to the page's
// API and the command line; what is counted stays counted when everything is killed.

const CLUSTER = "prod-eu";
const folder = scratchDir("audit");
const data = join(folder, "data");
const policies = join(folder, "policies");
let relay: FakeRelay;
let up: Cli;
let url: string;
let sent = 0;

const args = (): string[] => [
  "up",
  "--port=0",
  `--data=${data}`,
  `--relay=${relay.address}`,
  `--policies=${policies}`,
];

beforeAll(async () => {
  mkdirSync(policies, { recursive: true });
  const file = join(policies, "db.yaml");
  writeFileSync(
    file,
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ port: 5432 }]
---
${pod("db")}---
${pod("checkout")}`,
  );
  // Long before: what policies deny since a moment ago may still pass.
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  relay = await new FakeRelay({ nodes: ["node-1"] }).start();
  up = startCli(args());
  url = await dashboardUrl(up);
});
afterAll(async () => {
  await cleanUp();
  relay.stop();
});

function pod(app: string): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${app}-0, namespace: web, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i }] }
`;
}

function end(app: string) {
  return {
    ID: 7,
    identity: 4242,
    namespace: "web",
    pod_name: `${app}-0`,
    cluster_name: CLUSTER,
    labels: [
      `k8s:app=${app}`,
      "k8s:io.kubernetes.pod.namespace=web",
      `k8s:io.cilium.k8s.policy.cluster=${CLUSTER}`,
    ],
    workloads: [{ name: app, kind: "StatefulSet" }],
  };
}

/** A new connection to web/db, let through. */
function passes(app: string): void {
  const now = Date.now();
  const flow = {
    time: new Date(now).toISOString(),
    uuid: randomUUID(),
    verdict: "FORWARDED",
    event_type: { type: 5 },
    traffic_direction: "INGRESS",
    node_name: "node-1",
    IP: { source: "10.0.1.5", destination: "10.0.2.9", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000 + sent, destination_port: 5432, flags: { SYN: true } } },
    source: end(app),
    destination: end("db"),
  };
  sent += 1;
  const message = fromJson(GetFlowsResponseSchema, {
    flow,
    node_name: "node-1",
    time: flow.time,
  } as JsonValue);
  relay.emit("node-1", BigInt(now) * 1_000_000n, toBinary(GetFlowsResponseSchema, message));
}

async function ask<Answer>(path: string): Promise<Answer> {
  return (await (await fetch(`${url}/api/v1/${path}`)).json()) as Answer;
}

/** The name of the cluster is told by the first flow; before its policies are known nobody is accused. */
async function ready(): Promise<void> {
  passes("api");
  await until(
    "the policies are known",
    async () => {
      await new Promise((done) => setTimeout(done, 250));
      const text = await (await fetch(`${url}/metrics`)).text();
      return /^dropscope_catalog_kinds\{state="ok"\} [1-9]/m.test(text);
    },
    60_000,
  );
}

async function found(count: number): Promise<AuditFinding> {
  let finding: AuditFinding | undefined;
  await until(
    `${count} connections are counted`,
    async () => {
      // The address may not ask without end.
      await new Promise((done) => setTimeout(done, 250));
      const { findings } = await ask<AuditAnswer>("audit");
      [finding] = findings;
      return findings.length === 1 && finding?.count === count;
    },
    90_000,
  );
  return finding!;
}

describe("what passes although policies deny it", () => {
  test("is one finding with the policy, the flows and what to do, in the API and on the command line", async () => {
    await ready();
    for (let i = 0; i < 10; i += 1) passes("checkout");
    for (let i = 0; i < 10; i += 1) passes("api");
    const finding = await found(10);
    expect(finding).toMatchObject({
      reason: "not-enforced",
      direction: "ingress",
      port: 5432,
      subject: { namespace: "web", name: "db" },
      peer: { namespace: "web", name: "checkout" },
      policies: [{ kind: "NetworkPolicy", namespace: "web", name: "db-ingress" }],
      nodes: ["node-1"],
    });
    // What is kept to tell what was counted is nobody else's.
    expect(finding).not.toHaveProperty("batches");
    expect(finding.evidence.length).toBeGreaterThan(0);
    const flow = await fetch(`${url}/api/v1/flows/${finding.evidence[0]}`);
    expect(flow.status).toBe(200);
    const told = await runCli(["audit", "--data", data]);
    expect(told).toMatchObject({ code: 0, err: "" });
    expect(told.out).toMatch(
      /^PASSED +web\/checkout → web\/db on TCP 5432 {2}ingress not-enforced$/m,
    );
    expect(told.out).toMatch(/^ {2}10 connections on node-1, /m);
    const json = await runCli(["audit", "--data", data, "-o", "json"]);
    expect(JSON.parse(json.out)).toEqual(finding);
    expect((await runCli(["audit", "--data", data, "-n", "other"])).out).toBe("");
  });

  test("is a metric", async () => {
    // Counted anew every ten seconds at most.
    let text = "";
    await until(
      "the finding is counted",
      async () => {
        await new Promise((done) => setTimeout(done, 500));
        text = await (await fetch(`${url}/metrics`)).text();
        return /^dropscope_correlator_audit_findings\{reason="not-enforced"\} 1$/m.test(text);
      },
      30_000,
    );
    expect(text).toMatch(/^dropscope_correlator_audit_findings\{reason="not-loaded"\} 0$/m);
  });

  test("workloads that no policy selects are told, and those that are half open", async () => {
    const open = await ask<OpenWorkloadsAnswer>("audit/open");
    expect(open.workloads).toMatchObject([
      { name: "checkout-0", selected: false, open: ["ingress", "egress"] },
      { name: "db-0", selected: true, open: ["egress"] },
    ]);
    const told = await runCli(["audit", "--open", "--data", data]);
    expect(told.out).toBe(
      "OPEN     web/checkout-0  Pod, 1 pod: no policy selects it\n" +
        "OPEN     web/db-0  Pod, 1 pod: no policy restricts egress\n",
    );
  });

  test("policies are linted in a thread of their own, and selected pods are counted", async () => {
    let answer: PoliciesAnswer | undefined;
    await until(
      "the lints are through",
      async () => {
        await new Promise((done) => setTimeout(done, 250));
        answer = await ask<PoliciesAnswer>("policies");
        return answer.lint !== "running";
      },
      60_000,
    );
    expect(answer).toMatchObject({
      lint: "done",
      policies: [{ policy: { name: "db-ingress" }, pods: 1, isolates: { ingress: true } }],
    });
    const one = await ask<PolicyAnswer>("policies/NetworkPolicy/web/db-ingress");
    // Its peer names pods that are not there.
    expect(one.findings.map(({ id }) => id)).toContain("NP012");
  });

  test("is counted on where it was, also after a kill", async () => {
    for (const round of [1, 2]) {
      up.child.kill("SIGKILL");
      await up.ended;
      // While nobody watches, nobody knows what the policies were.
      passes("checkout");
      up = startCli(args());
      url = await dashboardUrl(up);
      await ready();
      passes("checkout");
      await found(10 + round);
    }
  }, 300_000);
});

test("a dashboard of its own judges as the correlator of the store does", async () => {
  // The name of the cluster is told by flows, and the server has none of the catalog's settings.
  const serve = startCli(["serve", "--port", "0", "--data", data]);
  await serve.says(new RegExp(`"cluster":"${CLUSTER}"`));
  await dashboardUrl(serve);
  expect((await serve.stop()).code).toBe(0);
  const named = startCli(["serve", "--port", "0", "--data", data, "--cluster-name", "other"]);
  await dashboardUrl(named);
  const { err } = await named.stop();
  expect(err).not.toContain(`"cluster":"${CLUSTER}"`);
});
