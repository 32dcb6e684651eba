import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { explanationLine } from "@dropscope/correlator";
import { createRepository, type TestRepository } from "@dropscope/correlator/testing";
import { type DropExplanation, LOCAL_VIEWER } from "@dropscope/model";
import { createProblemReader, openStore, type Store } from "@dropscope/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

// An incident of a past year, and the repository in which its policies were kept.

const T = Date.parse("2021-03-01T00:00:00Z");
const HOUR = 3_600_000;
const hour = (hours: number): number => T + hours * HOUR;

const allow = (app: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: ${app} } } }]
      ports: [{ port: 5432 }]
`;
const DENY = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: no-batch, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: batch } }] }]
`;

const pod = (app: string) => ({
  identity: app === "batch" ? 4243 : 4242,
  namespace: "web",
  pod_name: `${app}-0`,
  labels: [
    `k8s:app=${app}`,
    "k8s:io.kubernetes.pod.namespace=web",
    "k8s:io.cilium.k8s.policy.cluster=shop",
  ],
});

let count = 0;
/** A denied packet. Gives its id. */
function drop(lines: string[], hours: number, app = "api", reason = "POLICY_DENIED"): string {
  count += 1;
  const uuid = `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`;
  const flow = {
    time: new Date(hour(hours)).toISOString(),
    uuid,
    verdict: "DROPPED",
    drop_reason_desc: reason,
    event_type: { type: 5 },
    traffic_direction: "INGRESS",
    node_name: "shop/node-1",
    IP: { source: "10.0.1.5", destination: "10.0.2.9", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000 + count, destination_port: 5432, flags: { SYN: true } } },
    source: pod(app),
    destination: { ...pod("db"), ID: 1 },
  };
  lines.push(JSON.stringify({ flow, node_name: "shop/node-1", time: flow.time }));
  return uuid;
}

const folder = scratchDir("past");
const data = join(folder, "data");
let repository: TestRepository;
let store: Store | undefined;

function write(name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function explanations(ids: readonly string[]): Promise<(DropExplanation | undefined)[]> {
  store ??= openStore({ dataDir: data, share: true, requireStore: true });
  await store.start();
  const reader = createProblemReader(store.client);
  const found = await Promise.all(ids.map((uuid) => reader.explanationOf(uuid, LOCAL_VIEWER)));
  await store.stop(5_000);
  store = undefined;
  return found.map((one) => one?.explanation);
}

const bring = (file: string, policies: string, ...more: string[]) =>
  runCli(["import", file, "--policies", policies, "--data", data, ...more]);

beforeAll(async () => {
  repository = await createRepository(join(folder, "gitops"));
  await repository.commit(hour(0), { "README.md": "policies follow" });
  await repository.commit(hour(1), { "k8s/db.yaml": allow("api") });
  await repository.commit(hour(3), { "k8s/db.yaml": allow("web") });
  await repository.commit(hour(5), { "k8s/db.yaml": "kind: [unclosed" });
  await repository.commit(hour(7), { "k8s/db.yaml": null, "k8s/database.yaml": allow("web") });
  await repository.commit(hour(9), { "k8s/database.yaml": null, "k8s/batch.yaml": DENY });
});
afterAll(async () => {
  await store?.stop(1_000);
  await cleanUp();
});

describe("an incident from before dropscope was there", () => {
  const lines: string[] = [];
  const at = {
    before: drop(lines, 0.5),
    allowed: drop(lines, 2),
    changed: drop(lines, 3 + 3 / 3600),
    denied: drop(lines, 4),
    broken: drop(lines, 6),
    moved: drop(lines, 8),
    gone: drop(lines, 10),
    rule: drop(lines, 11, "batch", "POLICY_DENY"),
  };
  let told: Record<keyof typeof at, DropExplanation>;
  let first: Awaited<ReturnType<typeof runCli>>;

  beforeAll(async () => {
    first = await bring(write("incident.jsonl", lines), join(repository.dir, "k8s"));
    const found = await explanations(Object.values(at));
    told = Object.fromEntries(Object.keys(at).map((key, i) => [key, found[i]])) as typeof told;
  });

  test("is summed up, with a link to its problems", () => {
    const { code, out, err } = first;
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(out).toMatch(/8 read, 8 stored/);
    expect(out).toMatch(/8 drops explained: .*by default deny.*1 by a deny rule.*/);
    expect(out).toMatch(/\d problems: .*place=problems&from=1614558600000&to=16145\d+/);
    expect(err).toMatch(/k8s: 5 commits of main since 2021-03-01T01:00:00Z/);
    expect(err).toMatch(/commit [0-9a-f]{10}: db\.yaml: .*; the version before counts on/);
    expect(err).toMatch(/3 versions of policies and other objects, 3 of them new/);
  });

  test("is explained by the policies of each moment", () => {
    expect(told.allowed).toMatchObject({ outcome: "unexplained", selecting: [] });
    expect(told.allowed.sentence).toContain("the known policies allow it");
    for (const key of ["denied", "broken", "moved"] as const)
      expect(told[key]).toMatchObject({
        outcome: "default-deny",
        selecting: [{ name: "db-ingress" }],
        nearest: { policy: "web/db-ingress", failed: [{ part: "peer" }] },
      });
    expect(told.gone).toMatchObject({ selecting: [{ name: "no-batch" }], nearest: null });
    expect(told.rule).toMatchObject({ outcome: "denied-by-rule", denying: [{ name: "no-batch" }] });
  });

  test("points at the commit that changed it", () => {
    expect(told.changed).toMatchObject({
      outcome: "default-deny",
      change: { action: "changed", name: "db-ingress", time: "2021-03-01T03:00:00Z" },
    });
    expect(told.denied.change).toBeNull();
  });

  test("and before the first commit nothing is invented", () => {
    expect(told.before).toMatchObject({ outcome: "unexplained", selecting: [], places: [] });
    expect(told.before.sentence).toMatch(/policies are known since 2021-03-01T01:00:00Z/);
  });

  test("a second time changes nothing", async () => {
    const again = await bring(join(folder, "incident.jsonl"), join(repository.dir, "k8s"));
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/8 read, 0 stored, 8 repeated/);
    expect(again.err).toMatch(/3 versions of policies and other objects, 0 of them new/);
    expect(await explanations(Object.values(at))).toEqual(Object.values(told));
  });

  test("gets the same answers from the command alone, without a store", async () => {
    const words = ["--policies", join(repository.dir, "k8s"), "--policies-history", "-o", "json"];
    const { out } = await runCli(["explain", "--flows", join(folder, "incident.jsonl"), ...words]);
    const lines = out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      Object.values(told).map((one) => explanationLine(one)),
    );
  });

  test("is over by now: its problems are resolved, with the times of its flows", async () => {
    const { out } = await runCli(["problems", "--data", data, "--state", "resolved", "-o", "json"]);
    const problems = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { firstSeen: string; lastSeen: string; count: number });
    expect(problems.reduce((sum, one) => sum + one.count, 0)).toBe(8);
    for (const { firstSeen, lastSeen } of problems)
      for (const time of [firstSeen, lastSeen]) expect(time).toMatch(/^2021-03-01T/);
    const open = await runCli(["problems", "--data", data, "-o", "json"]);
    expect(open).toMatchObject({ code: 0, out: "" });
  });

  test("a history that was rewritten takes the place of what it said before", async () => {
    const lines: string[] = [];
    const ids = [drop(lines, 8.2, "cart"), drop(lines, 8.4, "cart")];
    // The same first commit, and so the same repository.
    const rewritten = await createRepository(join(folder, "rewritten"));
    await rewritten.commit(hour(0), { "README.md": "policies follow" });
    await rewritten.commit(hour(1), { "k8s/other.yaml": DENY });
    const one = write("one.jsonl", lines.slice(0, 1));
    const { err } = await bring(one, join(rewritten.dir, "k8s"));
    expect(err).toMatch(/1 version of .*, 1 of them new; 3 that it told of .* no longer count/);
    // Control: another repository is another history, and both count.
    const beside = await createRepository(join(folder, "beside"));
    await beside.commit(hour(2), { "k8s/db.yaml": allow("web") });
    const two = write("two.jsonl", lines.slice(1));
    expect((await bring(two, join(beside.dir, "k8s"))).err).not.toMatch("no longer");
    const selecting = (await explanations(ids)).map((told) =>
      told?.selecting.map(({ name }) => name).sort(),
    );
    expect(selecting).toEqual([["no-batch"], ["db-ingress", "no-batch"]]);
  });
});

describe("a folder that is no checkout", () => {
  test("is taken to have held always, and that is said", async () => {
    const plain = join(folder, "plain");
    mkdirSync(plain);
    writeFileSync(join(plain, "db.yaml"), allow("nobody"));
    const lines: string[] = [];
    drop(lines, -100_000);
    const other = join(folder, "other");
    const file = write("old.jsonl", lines);
    const { code, err, out } = await runCli(["import", file, "--policies", plain, "--data", other]);
    expect(code).toBe(0);
    expect(err).toContain(
      "it is in no git checkout, so what it holds is taken to have held at all times",
    );
    expect(out).toMatch(/1 drops explained: 1 by default deny/);
  });
});

test("mistakes are said before anything is stored", async () => {
  const file = write("one.jsonl", []);
  const nowhere = join(folder, "never");
  const args = (...words: string[]) => runCli(["import", file, "--data", nowhere, ...words]);
  expectClearError(await args("--policies", join(folder, "none")), "POLICY_FILE", 66);
  expectClearError(await args("--policies-branch", "x"), "USAGE", 2);
  expectClearError(
    await args("--policies", repository.dir, "--policies-branch", "none"),
    "GIT_HISTORY",
    66,
  );
});
