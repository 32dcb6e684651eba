import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { ExplanationLine } from "@dropscope/correlator";
import { DNS_RULES } from "@dropscope/model";
import { afterAll, describe, expect, test } from "vitest";
import {
  type CaseFolder,
  caseNames,
  dnsOfCase,
  expectDns,
  expectExplained,
  explainCase,
  readCase,
} from "../kit/cases.js";
import { type CliResult, cleanUp, runCli } from "../kit/run-cli.js";

afterAll(cleanUp);

const folders = caseNames().map(readCase);

test("there are at least forty cases", () => {
  expect(folders.length).toBeGreaterThanOrEqual(40);
});

describe("every drop of a case is explained as it should be", () => {
  test.each(folders.map((folder) => [folder.name, folder] as const))("%s", (_, folder) => {
    expectExplained(folder, explainCase(folder));
  });
});

describe("every DNS rule finds what is in a case, and nothing else", () => {
  const about = folders.filter(({ expected }) => expected.dns !== undefined);

  test("for each rule there is a case where it finds something and one made to mislead it", () => {
    const rules = Object.keys(DNS_RULES);
    const fires = about.flatMap(({ expected }) => expected.dns?.map(({ rule }) => rule) ?? []);
    expect(new Set(fires)).toEqual(new Set(rules));
    const misleads = about.flatMap(({ expected }) => expected.misleads ?? []);
    expect(new Set(misleads)).toEqual(new Set(rules));
  });

  test.each(about.map((folder) => [folder.name, folder] as const))("%s", (_, folder) => {
    expectDns(folder, dnsOfCase(folder));
  });
});

describe("the built command says the same", () => {
  // What changed while the flows came cannot be said in a folder of manifests.
  const offline = folders.filter(({ hasHistory }) => !hasHistory);
  const results = explainAll(offline);

  test.each(offline.map((folder, i) => [folder.name, folder, i] as const))("%s", (_, folder, i) => {
    const { code, out } = results[i]!;
    expect(code).toBe(0);
    expectExplained(folder, printed(out));
  });

  test("in a process of its own too, with flows on standard input", async () => {
    const folder = readCase("default-deny-ingress");
    const input = folder.flows.map((flow) => `${JSON.stringify({ flow })}\n`).join("");
    const words = lineFor(folder).map((word) => (word.endsWith("flows.jsonl") ? "-" : word));
    const { code, out, err } = await runCli(words, { input });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expectExplained(folder, printed(out));
  });
});

function lineFor({ dir, expected }: CaseFolder): string[] {
  const manifests = ["--policies", join(dir, "policies"), join(dir, "world.yaml")];
  const profile = ["--profile", expected.profile ?? "cilium"];
  const flows = join(dir, "flows.jsonl");
  return ["explain", "--flows", flows, ...manifests, ...profile, "-o", "json"];
}

function explainAll(all: readonly CaseFolder[]): Pick<CliResult, "code" | "out" | "err">[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "../kit/cli-lines.mjs")],
    { input: JSON.stringify(all.map(lineFor)), encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as CliResult[];
}

const printed = (out: string): ExplanationLine[] =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ExplanationLine);
