import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { IncidentName } from "@dropscope/ingester/simulator";
import { enumText, type Flow, type RepairAnswer, VERDICTS } from "@dropscope/model";
import { createEngine, mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import {
  clusterOfManifests,
  connectionOfEdge,
  foldFlows,
  repair,
  type TuningCluster,
} from "@dropscope/tuning";
import { afterAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

afterAll(cleanUp);

/** Incidents that policies make, and how long they go on until every pair was denied once. */
const INCIDENTS: readonly (readonly [IncidentName, number])[] = [
  ["egress-without-dns", 50],
  ["cloud-metadata", 65],
  ["scrape-port", 60],
  ["or-instead-of-and", 138],
  ["renamed-label", 120],
  ["explicit-deny", 160],
];
const POLICY_REASONS = new Set(["POLICY_DENIED", "POLICY_DENY"]);
const profile = { ...PROFILES.cilium, cluster: "shop" };

function clusterOf(files: ReadonlyMap<string, string>): TuningCluster {
  const read = [...files].map(([file, text]) => parseManifests(text, file, { cluster: "shop" }));
  return clusterOfManifests(mergeManifests(read), { at: 0, profile });
}

function filesOf(dir: string): Map<string, string> {
  return new Map(readdirSync(dir).map((file) => [file, readFileSync(join(dir, file), "utf8")]));
}

function flowsOf(lines: string): Flow[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { flow: Flow }).flow);
}

const isDropped = (flow: Flow): boolean => enumText(VERDICTS, flow.verdict) === "DROPPED";
const isByPolicy = (flow: Flow): boolean =>
  isDropped(flow) && POLICY_REASONS.has(String(flow.drop_reason_desc));

describe("every pair that a simulated incident denies", () => {
  test.each(INCIDENTS)(
    "%s: the first edit lets exactly this connection pass, judged by the engine that the simulated data path obeys",
    async (incident, seconds) => {
      const { lines, policies } = await simulatedFlows(incident, seconds, scratchDir(incident));
      const files = filesOf(policies);
      const cluster = clusterOf(files);
      const denied = foldFlows(flowsOf(lines).filter(isByPolicy)).edges;
      expect(denied.length).toBeGreaterThan(0);
      let mended = 0;
      for (const edge of denied) {
        const told = connectionOfEdge(edge, cluster.moment);
        if (!told.known) throw new Error(told.why);
        const { fixes, passes } = repair(cluster, { connection: told.connection });
        // Of the phase before: the policies of the end let it pass.
        if (passes) continue;
        const [top] = fixes;
        expect(top?.allows.beyond).toEqual([]);
        expect(top?.remains).toBe("");
        const changed = new Map(files);
        for (const { path, yaml } of top!.files) changed.set(path, yaml);
        const engine = createEngine({ profile });
        engine.setPolicies("all", clusterOf(changed).policies);
        expect(engine.decide(told.connection).allowed).toBe(true);
        mended += 1;
      }
      expect(mended).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe("the command", () => {
  const dir = scratchDir("files");
  const WORLD = `apiVersion: v1
kind: Pod
metadata: { name: api-0, namespace: payments, labels: { app: api } }
spec: { containers: [{ name: c, image: i, ports: [{ containerPort: 8443 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-0, namespace: web, labels: { app: checkout } }
spec: { containers: [{ name: c, image: i }] }
`;
  const API = `# Card data: ask the payments team.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: payments }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress:
    - from: # the window
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: web } }
          podSelector: { matchLabels: { app: checkout } }
      ports:
        - { port: 443 } # as it was
`;
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  put("world.yaml", WORLD);
  put("payments/api.yaml", API);
  const ask = (...more: string[]) =>
    runCli([
      "policy",
      "repair",
      "web/checkout-0",
      "payments/api-0",
      "8443",
      "--policies",
      dir,
      ...more,
    ]);

  test("tells who may not, each edit with what it opens, a patch and a command; comments stay", async () => {
    const { code, out, err } = await ask();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^web\/checkout-0 may not reach payments\/api-0 on TCP 8443: /);
    expect(out).toContain("1  Add TCP 8443 to spec.ingress[0]");
    expect(out).toContain(
      "newly allowed: 1 pair of ends on TCP 8443, nothing else, of 2 pods that were looked at",
    );
    expect(out).toContain("--- a/payments/api.yaml\n+++ b/payments/api.yaml\n");
    expect(out).toContain(
      "kubectl patch networkpolicies.networking.k8s.io api --namespace payments",
    );
  });

  test("-o patch is what git applies, -o json what programs read", async () => {
    const copy = scratchDir("checkout");
    cpSync(dir, copy, { recursive: true });
    const { out: patch } = await ask("-o", "patch");
    execFileSync("git", ["apply", "-"], { cwd: copy, input: patch });
    const text = readFileSync(join(copy, "payments", "api.yaml"), "utf8");
    for (const comment of API.match(/#.*$/gm)!) expect(text).toContain(comment);
    const check = ["--from", "web/checkout-0", "--to", "payments/api-0", "--port", "8443"];
    expect((await runCli(["policy", "check", "--policies", copy, ...check])).code).toBe(0);

    const { out } = await ask("-o", "json");
    const answer = JSON.parse(out) as RepairAnswer;
    expect(answer.fixes[0]?.diff).toBe(patch);
    expect(answer.fixes[0]?.replay).toBeNull();
  });

  test("--write changes the file in its place; a new policy comes beside those of its namespace", async () => {
    const copy = scratchDir("written");
    cpSync(dir, copy, { recursive: true });
    const line = [
      "policy",
      "repair",
      "web/checkout-0",
      "payments/api-0",
      "8443",
      "--policies",
      copy,
    ];
    const first = await runCli([...line, "--write", "-o", "patch"]);
    expect(first.code).toBe(0);
    expect(first.err).toContain(`${join(copy, "payments", "api.yaml")} is written`);
    expect(readFileSync(join(copy, "payments", "api.yaml"), "utf8")).toContain("port: 8443");

    const other = [
      "policy",
      "repair",
      "web/checkout-0",
      "payments/api-0",
      "9000",
      "--policies",
      copy,
    ];
    const { out } = await runCli([...other, "-o", "json", "--limit", "9"]);
    const { fixes } = JSON.parse(out) as RepairAnswer;
    const at = fixes.findIndex(({ edits }) => edits[0]?.kind === "new-policy");
    await runCli([...other, "--choose", String(at + 1), "--write", "-o", "patch"]);
    expect(readdirSync(join(copy, "payments")).sort()).toEqual([
      "api-ingress-tcp-9000.yaml",
      "api.yaml",
    ]);
  });

  test("a flow of a file is mended, and the file's traffic replayed over each edit", async () => {
    const { lines, policies } = await simulatedFlows("scrape-port", 40, scratchDir("scrape"));
    const flow = flowsOf(lines).find(isByPolicy)!;
    const file = join(scratchDir("flows"), "flows.jsonl");
    writeFileSync(file, lines);
    const from = ["--flows", file, "--policies", policies];
    const { code, out } = await runCli([
      "policy",
      "repair",
      "--flow",
      flow.uuid!,
      ...from,
      "-o",
      "json",
    ]);
    expect(code).toBe(0);
    const [fix] = (JSON.parse(out) as RepairAnswer).fixes;
    expect(fix?.title).toMatch(/^Add TCP 9464 to /);
    expect(fix?.replay?.newlyDenied).toEqual({ edges: 0, flows: 0 });
    expect(fix?.replay?.newlyAllowed.edges).toBeGreaterThan(0);
  });

  test.concurrent.each<[string[], string, number, RegExp]>([
    [[], "USAGE", 2, /no problem, no flow and no connection/],
    [["web/checkout-0"], "USAGE", 2, /TO is missing/],
    [["web/checkout-0", "payments/apu-0", "1", "--policies", dir], "POLICY_END", 66, /api-0/],
    [["--problem", "x", "--data", join(dir, "nowhere")], "DATA_MISSING", 66, /no store/],
  ])("%j is refused", async (args, error, exitCode, said) => {
    const result = await runCli(["policy", "repair", ...args]);
    expectClearError(result, error, exitCode);
    expect(result.err).toMatch(said);
  });

  test("what nothing can mend says why, with exit code 3", async () => {
    const deny = scratchDir("deny");
    writeFileSync(
      join(deny, "all.yaml"),
      `${WORLD}---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: quarantine }
spec:
  endpointSelector: { matchLabels: { app: api } }
  ingressDeny: [{ fromEntities: [all] }]
`,
    );
    const { code, out } = await runCli([
      "policy",
      "repair",
      "web/checkout-0",
      "payments/api-0",
      "8443",
      "--policies",
      deny,
    ]);
    expect(code).toBe(3);
    expect(out).toMatch(
      /A deny rule decided \(spec\.ingressDeny\[0\] of CiliumClusterwideNetworkPolicy quarantine\)/,
    );
  });
});
