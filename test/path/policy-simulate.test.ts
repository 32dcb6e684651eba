import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Flow, ReplayAnswer } from "@dropscope/model";
import { unifiedDiff } from "@dropscope/policy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, type CliResult, runCli, scratchDir } from "../kit/run-cli.js";

// `policy simulate` without a store and without a cluster.

afterAll(cleanUp);

const START = Date.UTC(2026, 8, 1, 12);
const dir = scratchDir("simulate");
const path = (name: string): string => join(dir, name);

const pod = (namespace: string, app: string) => ({
  namespace,
  pod_name: `${app}-7d9f8b6c5-x2k4p`,
  identity: 1000 + app.length,
  labels: [
    `k8s:app=${app}`,
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
    `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
  ],
});

function flow(at: number, from: string, to: string, port: number, verdict = "FORWARDED"): Flow {
  const [source, destination] = [from, to].map((name) => {
    const [namespace = "", app = ""] = name.split("/");
    return pod(namespace, app);
  });
  return {
    time: new Date(START + at * 60_000).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    verdict,
    node_name: "n1",
    event_type: { type: verdict === "DROPPED" ? 1 : 4 },
    traffic_direction: "INGRESS",
    is_reply: false,
    IP: { source: `10.0.0.${from.length}`, destination: `10.0.1.${to.length}`, ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: port, flags: { SYN: true } } },
    source: source!,
    destination: destination!,
  } as Flow;
}

const FLOWS: Flow[] = [
  ...Array.from({ length: 30 }, (_, at) => flow(at, "web/front", "pay/db", 5432)),
  ...Array.from({ length: 6 }, (_, at) => flow(40 + at, "web/report", "pay/db", 5432)),
  ...Array.from({ length: 4 }, (_, at) => flow(50 + at, "web/stranger", "pay/db", 5432, "DROPPED")),
  // Nobody knows who this was.
  { ...flow(60, "web/front", "pay/db", 5432), source: { identity: 0 }, IP: {} },
];

const policy = (apps: readonly string[]): string => `# The database is not for everybody.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: pay }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from:
${apps.map((app) => `        - { namespaceSelector: {}, podSelector: { matchLabels: { app: ${app} } } } # ${app}\n`).join("")}      ports: [{ port: 5432 }]
`;

beforeAll(() => {
  const lines = FLOWS.map((one) => JSON.stringify({ flow: one, node_name: "n1", time: one.time }));
  writeFileSync(path("flows.jsonl"), `${lines.join("\n")}\n`);
  for (const [name, apps] of [
    ["current", ["front", "report"]],
    ["proposed", ["front", "stranger"]],
  ] as const) {
    mkdirSync(path(name));
    writeFileSync(join(path(name), "db.yaml"), policy(apps));
  }
});

const simulate = (...args: string[]): Promise<CliResult> =>
  runCli(["policy", "simulate", "--flows", path("flows.jsonl"), ...args]);
const inForce = (): string[] => ["--current", path("current")];

describe("policy simulate --flows", () => {
  test("tells who would be newly denied and newly allowed, how often, and by which clause", async () => {
    const { code, out, err } = await simulate(...inForce(), "--policies", path("proposed"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("changed  NetworkPolicy pay/db-ingress");
    expect(out).toMatch(/newly denied\n {2}web\/report → pay\/db TCP 5432\n {4}6 flows of 1 pod/);
    expect(out).toMatch(
      /newly allowed\n {2}web\/stranger → pay\/db TCP 5432\n.*4 flows dropped then/,
    );
    expect(out).toContain("NetworkPolicy pay/db-ingress at spec.ingress[0]");
    expect(out).toMatch(/still allowed +1 connection, 30 flows/);
    expect(out).toMatch(/unknown {2}.*1 flow/);
  });

  test("as JSON it is the whole answer, and --fail-on ends with 1", async () => {
    const fail = ["--fail-on", "newly-denied"];
    const proposed = [...inForce(), "--policies", path("proposed")];
    const { code, out } = await simulate(...proposed, "-o", "json", ...fail);
    expect(code).toBe(1);
    const answer = JSON.parse(out) as ReplayAnswer;
    expect(answer.counts).toEqual({
      newlyDenied: { edges: 1, flows: 6 },
      newlyAllowed: { edges: 1, flows: 4 },
      stillDenied: { edges: 0, flows: 0 },
      stillAllowed: { edges: 1, flows: 30 },
      unknown: { edges: 0, flows: 1 },
    });
    const [denied, allowed] = answer.groups;
    expect(denied).toMatchObject({
      change: "newly-denied",
      client: { kind: "workload", namespace: "web", name: "report" },
      direction: "ingress",
      policies: [{ kind: "NetworkPolicy", namespace: "pay", name: "db-ingress" }],
      seen: { forwarded: 6, dropped: 0, audited: 0 },
      firstSeen: START + 40 * 60_000,
      lastSeen: START + 45 * 60_000,
    });
    expect(allowed).toMatchObject({ change: "newly-allowed", seen: { dropped: 4 } });
    expect(answer.evidence).toMatchObject({ flows: FLOWS.length, edges: 3, left: 0, gaps: [] });
  });

  test.each([
    ["newly-denied,newly-allowed", "current", 0],
    // One flow says of nobody where it came from.
    ["unknown", "current", 1],
  ])("--fail-on %s of %s ends with %d", async (what, proposed, code) => {
    const args = [...inForce(), "--policies", path(proposed), "--fail-on", what];
    expect((await simulate(...args)).code).toBe(code);
  });

  test("a patch of what is in force is tried out, from standard input too", async () => {
    const diff = unifiedDiff(policy(["front", "report"]), policy(["front"]), "db.yaml");
    const args = ["--policies", path("current"), "--patch", "-", "-o", "json"];
    const { code, out, err } = await runCli(
      ["policy", "simulate", "--flows", path("flows.jsonl"), ...args],
      { input: diff },
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { counts, changes } = JSON.parse(out) as ReplayAnswer;
    expect(changes.map(({ change }) => change)).toEqual(["changed"]);
    expect([counts.newlyDenied.flows, counts.newlyAllowed.flows]).toEqual([6, 0]);
  });

  test("policies can be taken away, by name or because they are not among those that are proposed", async () => {
    const key = "NetworkPolicy/pay/db-ingress";
    const byName = await simulate(...inForce(), "--remove", key, "-o", "json");
    expect((JSON.parse(byName.out) as ReplayAnswer).counts.newlyAllowed).toEqual({
      edges: 1,
      flows: 4,
    });
    writeFileSync(path("other.yaml"), policy(["front"]).replace("db-ingress", "other"));
    const pruned = await simulate(
      ...inForce(),
      "--policies",
      path("other.yaml"),
      "--prune",
      "-o",
      "json",
    );
    const { counts, changes } = JSON.parse(pruned.out) as ReplayAnswer;
    expect(changes.map(({ change }) => change)).toEqual(["added", "removed"]);
    expect(counts.newlyDenied.flows).toBe(6);
  });

  test("bad input is refused with what to do next, and never answered as if nothing would change", async () => {
    const wrong = policy(["front"]).replace("db-ingress", "wrong").replace("5432", "99999");
    writeFileSync(path("broken.yaml"), `${policy(["front"])}---\n${wrong}`);
    writeFileSync(path("stale.diff"), unifiedDiff(policy(["x"]), policy(["y"]), "db.yaml"));
    const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
      [2, /Nothing is proposed/, []],
      [65, /POLICY_REFUSED/, ["--policies", path("broken.yaml")]],
      [65, /PATCH_MISFIT/, ["--policies", path("current"), "--patch", path("stale.diff")]],
      [66, /POLICY_MISSING/, [...inForce(), "--remove", "NetworkPolicy/pay/absent"]],
      [66, /TUNING_EMPTY/, ["--policies", path("proposed"), "--namespace", "nowhere"]],
    ];
    const results = await Promise.all(
      cases.map(async ([code, says, args]) => ({ code, says, result: await simulate(...args) })),
    );
    for (const { code, says, result } of results) {
      expect(result.err).toMatch(says);
      expect(result.code).toBe(code);
      expect(result.out).toBe("");
    }
  });
});
