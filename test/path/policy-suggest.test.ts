import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Flow, SuggestionAnswer } from "@dropscope/model";
import { parseManifests } from "@dropscope/policy";
import { FOLDER_MARK } from "@dropscope/tuning";
import { afterAll, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";

afterAll(cleanUp);

const START = Date.UTC(2026, 5, 1);

interface End {
  readonly ip: string;
  readonly end: NonNullable<Flow["source"]>;
}

const pod = (namespace: string, app: string, ip: string): End => ({
  ip,
  end: {
    identity: 1000,
    namespace,
    pod_name: `${app}-5d8f7c9b4d-x2c4d`,
    labels: [`k8s:app=${app}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
  },
});
const web = pod("shop", "web", "10.0.0.1");
const api = pod("shop", "api", "10.0.0.2");
const db = pod("shop", "db", "10.0.0.3");

function flow(from: End, to: End, port: number, hour: number, verdict = "FORWARDED"): Flow {
  return {
    time: new Date(START + hour * 3_600_000).toISOString(),
    uuid: crypto.randomUUID(),
    verdict,
    IP: { source: from.ip, destination: to.ip },
    l4: { TCP: { source_port: 40_000, destination_port: port } },
    source: from.end,
    destination: to.end,
    Type: "L3_L4",
    node_name: "node-a",
    event_type: { type: 5 },
    traffic_direction: "INGRESS",
    is_reply: false,
  };
}

const lines = [
  ...Array.from({ length: 48 }, (_, hour) => [
    flow(web, api, 8080, hour),
    flow(api, db, 5432, hour),
  ]).flat(),
  flow(web, db, 5432, 20, "DROPPED"),
]
  .map((one) => `${JSON.stringify({ flow: one, node_name: "node-a", time: one.time })}\n`)
  .join("");

function flowsFile(): string {
  const path = join(scratchDir(), "flows.jsonl");
  writeFileSync(path, lines);
  return path;
}

test("proposes from a file, without a store and without a cluster", async () => {
  const { code, out, err } = await runCli([
    "policy",
    "suggest",
    "-n",
    "shop",
    "--flows",
    flowsFile(),
  ]);
  expect(err).toContain("left out 1 connection");
  expect(code).toBe(0);
  const { policies, problems } = parseManifests(out, "out.yaml");
  expect(problems).toEqual([]);
  expect(policies.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "NetworkPolicy default-deny",
    "NetworkPolicy api",
    "NetworkPolicy db",
    "NetworkPolicy web",
  ]);
  expect(out).toContain("# db may be reached by api on TCP 5432.");
});

test("takes standard input, answers programs, and allows by id what it left out", async () => {
  const ask = (...more: string[]) =>
    runCli(["policy", "suggest", "-n", "shop", "--workload", "db", "--flows", "-", ...more], {
      input: lines,
    });
  const answer = JSON.parse((await ask("-o", "json")).out) as SuggestionAnswer;
  expect(answer.policies.map(({ policy }) => policy.name)).toEqual(["db"]);
  const [left] = answer.leftOut;
  expect(left).toMatchObject({ why: "dropped", edge: { client: { name: "web" }, port: 5432 } });
  const { out } = await ask("--include", left?.edge.id ?? "", "-o", "text");
  expect(out).toContain("db may be reached by api and web on TCP 5432.");
  expect(out).toMatch(/\d+ flows of \d pods, 2026-06-01 to 2026-06-02; confidence medium/);
});

test("writes a folder for kustomize, again and again, but not over somebody else's", async () => {
  const out = join(scratchDir(), "policies");
  const ask = () =>
    runCli(["policy", "suggest", "-n", "shop", "--flows", "-", "--out", out], { input: lines });
  mkdirSync(out);
  // Written here before: it may be written anew.
  const before = ["old.yaml", "../outside.yaml", "db.yaml"];
  const listed = before.map((path) => `  - ${path}\n`).join("");
  writeFileSync(join(out, "kustomization.yaml"), `${FOLDER_MARK}\nresources:\n${listed}`);
  for (const path of [...before, "own.yaml"]) writeFileSync(join(out, path), "kind: List\n");
  const { code, err } = await ask();
  expect(code).toBe(0);
  // What was proposed then and is not now is gone; what somebody put there, or lies elsewhere, is not ours.
  expect(err).toContain("/old.yaml, which is no longer proposed");
  expect(existsSync(join(out, "old.yaml"))).toBe(false);
  for (const path of ["../outside.yaml", "own.yaml"])
    expect(existsSync(join(out, path))).toBe(true);
  expect(readFileSync(join(out, "kustomization.yaml"), "utf8")).toContain("- db.yaml");
  expect(readFileSync(join(out, "db.yaml"), "utf8")).toContain("kind: NetworkPolicy");
  const foreign = join(scratchDir(), "theirs");
  mkdirSync(foreign);
  writeFileSync(join(foreign, "kustomization.yaml"), "resources: []\n");
  const refused = await runCli(
    ["policy", "suggest", "-n", "shop", "--flows", "-", "--out", foreign],
    { input: lines },
  );
  expectClearError(refused, "TUNING_FOLDER", 65);
  expect(existsSync(join(foreign, "db.yaml"))).toBe(false);
});

test("refuses what cannot be answered", async () => {
  const ask = (...more: string[]) =>
    runCli(["policy", "suggest", "--flows", "-", ...more], { input: lines });
  expectClearError(await ask(), "USAGE", 2);
  expectClearError(await ask("-n", "nowhere"), "TUNING_EMPTY", 66);
  expectClearError(await ask("-n", "shop", "--workload", "nobody"), "TUNING_NO_WORKLOAD", 66);
});
