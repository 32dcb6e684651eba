import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadinessAnswer, ReplayAnswer, RulesAnswer } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, expectClearError, runCli, scratchDir } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

// What the policies of the simulated shop carry, from the store and from the same flows in a file.

const data = join(scratchDir("use"), "data");
const policies = join(scratchDir("use"), "policies");
const file = join(scratchDir("use"), "flows.jsonl");
let range: string[] = [];

beforeAll(async () => {
  const { lines } = await simulatedFlows("renamed-label", 30, policies, 60);
  writeFileSync(file, lines);
  const times = [...lines.matchAll(/"time":"([^"]+)"/g)].map(([, time]) => Date.parse(time ?? ""));
  const until = new Date(Math.max(...times) + 1_000).toISOString();
  range = ["--since", new Date(Math.min(...times) - 1_000).toISOString(), "--until", until];
  const { code, err } = await runCli(["import", file, "--data", data, "--policies", policies]);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
});
afterAll(cleanUp);

const stored = (...args: string[]) => runCli(["policy", ...args, "--data", data, ...range]);
const offline = (...args: string[]) =>
  runCli(["policy", ...args, "--flows", file, "--policies", policies, ...range]);

async function answerOf<Answer>(run: ReturnType<typeof runCli>): Promise<Answer> {
  const { code, out, err } = await run;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Answer;
}

describe("policy rules", () => {
  test("the store and the file tell the same", async () => {
    const [fromStore, fromFile] = await Promise.all([
      answerOf<RulesAnswer>(stored("rules", "-o", "json")),
      answerOf<RulesAnswer>(offline("rules", "-o", "json")),
    ]);
    const told = ({ rules }: RulesAnswer) =>
      rules.map(({ policy, path, says, flows, edges, attributed }) => ({
        policy,
        path,
        says,
        flows,
        edges,
        attributed,
      }));
    expect(told(fromStore)).toEqual(told(fromFile));
    const used = fromStore.rules.filter(({ flows }) => flows > 0);
    expect(used.length).toBeGreaterThan(5);
    // The simulated data path names policies as Hubble does.
    expect(used.some(({ attributed }) => attributed.hubble > 0)).toBe(true);
    expect(fromStore.evidence.flows).toBe(fromFile.evidence.flows);
  });

  test("one namespace, for a person, and a failure where CI asks for one", async () => {
    const { code, out, err } = await offline("rules", "-n", "web", "--fail-on", "over-broad");
    expect(err).toBe("");
    expect(out).toMatch(/^observed .+ flows on \d+ connections/);
    expect(out).toMatch(/Policy web\/\S+\n {2}spec\.\S+ \(line \d+\) {2}\S/);
    expect(code).toBe(/over-broad:/.test(out) ? 1 : 0);
  });
});

test("policy readiness: of the store for programs, of the file with the plan, and the policy that ends it", async () => {
  const { namespaces } = await answerOf<ReadinessAnswer>(stored("readiness", "-o", "json"));
  const web = namespaces.find(({ namespace }) => namespace === "web");
  expect(web).toMatchObject({ dns: "not-isolated", cleanDays: 0 });
  const { code, out } = await offline("readiness", "-n", "web", "--require", "ready");
  expect(code).toBe(1);
  expect(out).toContain(`web: ${web?.stage}\n  ${web?.says}\n`);
  expect(out).toContain(`would break  ${web?.wouldBreak.edges} connections`);
  expect(out).toContain("dropscope policy suggest --namespace web");
  const deny = await runCli(["policy", "readiness", "--default-deny", "-n", "web"]);
  expect(deny).toMatchObject({ code: 0, err: "" });
  expect(deny.out).toContain("podSelector: {}");
});

test("what cannot be answered says so", async () => {
  const nowhere = await offline("rules", "-n", "nowhere");
  expectClearError(nowhere, "TUNING_NO_NAMESPACE", 66);
  expect(nowhere.err).toContain("web");
  expectClearError(await offline("rules", "--find", "unused"), "USAGE", 2);
  expectClearError(await offline("readiness", "--days", "0"), "USAGE", 2);
  const backwards = ["--flows", file, "--since", "1h", "--until", "2h"];
  expectClearError(await runCli(["policy", "rules", ...backwards]), "BAD_RANGE", 2);
});

test("policy simulate: of a stored range it is the answer for the same flows in a file", async () => {
  const proposed = join(scratchDir("use"), "deny.yaml");
  const deny = await runCli(["policy", "readiness", "--default-deny", "-n", "web"]);
  writeFileSync(proposed, deny.out);
  const candidate = ["--policies", proposed, "-o", "json"];
  const [fromStore, fromFile] = await Promise.all([
    answerOf<ReplayAnswer>(stored("simulate", ...candidate)),
    answerOf<ReplayAnswer>(
      runCli([
        "policy",
        "simulate",
        "--flows",
        file,
        "--current",
        policies,
        ...candidate,
        ...range,
      ]),
    ),
  ]);
  expect(fromStore).toEqual(fromFile);
  const { newlyDenied, stillAllowed } = fromStore.counts;
  for (const { edges, flows } of [newlyDenied, stillAllowed])
    expect(Math.min(edges, flows)).toBeGreaterThan(1);
});
