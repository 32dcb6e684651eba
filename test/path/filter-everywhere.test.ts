import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ErrorAnswer, FlowsAnswer } from "@dropscope/model";
import { splitLine } from "@dropscope/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import { cleanUp, dashboardUrl, runCli, scratchDir, startCli } from "../kit/run-cli.js";

// One filter language: what the command line and the API take and refuse is the same, and both
// point at the same characters.

const data = join(scratchDir(), "data");
let url: string;

beforeAll(async () => {
  const file = join(scratchDir(), "flows.jsonl");
  writeFileSync(file, flowLines(30, { startMs: Date.now() - 60_000 }));
  const serve = startCli(["serve", "--port", "0", "--data", data]);
  url = await dashboardUrl(serve);
  expect((await runCli(["import", file, "--data", data])).code).toBe(0);
});
afterAll(cleanUp);

const observe = (...words: string[]) => runCli(["observe", "--data", data, "--all", ...words]);

type Answer = FlowsAnswer & ErrorAnswer;

async function rest(path: string, line: string): Promise<{ status: number; body: Answer }> {
  const response = await fetch(
    `${url}/api/v1/${path}?limit=400&since=1h&filter=${encodeURIComponent(line)}`,
  );
  return { status: response.status, body: (await response.json()) as Answer };
}

describe("the same errors at the same place", () => {
  test.each<[string, string]>([
    ["--verdict DROPPED --to-port postgres", "postgres"],
    ["--verdict dropped", "dropped"],
    ["--not --not --port 53", "--not"],
    ["--label 'app in (a, b), in c'", "c"],
    ["--ip 10.0.0.0/64 --verdict DROPPED", "10.0.0.0/64"],
    ["--policy a/b/c", "a/b/c"],
    ["--problem 12", "12"],
    ["--http-path '(?=x)'", "'(?=x)'"],
    ["--http-url ((a{100}){100}){100}", "((a{100}){100}){100}"],
    ["--from-ip 1.2.3.4 --from-fqdn a.example", "--from-fqdn a.example"],
    ["--port", "--port"],
  ])("%s", async (line, wrong) => {
    const words = splitLine(line).map(({ text }) => text);
    const [cli, flows, problems] = await Promise.all([
      observe(...words),
      rest("flows", line),
      rest("problems", line),
    ]);
    expect(flows.status).toBe(400);
    const { code, message, next, at = [0, 0] } = flows.body.error;
    expect(line.slice(...at)).toBe(wrong);
    // Of the list of problems, too.
    expect(problems.body.error).toMatchObject({ code, message, next, at });
    expect(cli).toMatchObject({ code: 2, out: "" });
    const [said = "", shown = "", mark = "", advice = ""] = cli.err.split("\n");
    const sentence = said.replace("dropscope: ", "");
    expect(message.toLowerCase()).toContain(sentence.toLowerCase());
    expect(advice).toBe(`  ${next} [${code}]`);
    // The shell took the quotes away; they are there again where they are needed.
    const marked = shown.slice(mark.indexOf("^"), mark.lastIndexOf("^") + 1);
    expect(splitLine(marked, true)[0]?.text).toBe(splitLine(wrong, true)[0]?.text);
  });

  test("a word is fine for problems, and for nothing else", async () => {
    expect((await rest("problems", "checkout --to-port 53")).status).toBe(200);
    const { body } = await rest("flows", "checkout --to-port 53");
    expect(body.error.at).toEqual([0, 8]);
  });

  test("what is too long is told as such", async () => {
    const line = "--verdict DROPPED ".repeat(300);
    const { status, body } = await rest("flows", line);
    expect([status, body.error.code]).toEqual([400, "FILTER_INVALID"]);
    expect(body.error.at).toEqual([4096, line.length]);
    const many = await observe(...Array.from({ length: 10_000 }, () => "--reply"));
    expect(many.code).toBe(2);
    expect(many.err).toMatch(/longer than 16384 characters/);
    expect(many.err.length).toBeLessThan(600);
  });
});

describe("the same flows", () => {
  test.each([
    "--verdict DROPPED",
    "--not --verdict DROPPED",
    "--not --verdict DROPPED --not --from-port 40000",
    "--ip 10.0.0.0/8",
    "--not --to-ip 10.0.0.0/8",
    "--pod web/front",
    "--to-namespace payments --to-port 5432",
    "--label 'app in (web, nobody), !nothing'",
    "--from-label app!=web",
    "--not --policy *",
    "--problem 0123456789abcdef",
    "--drop-reason-desc POLICY_DENIED --protocol tcp",
    "--port 5432",
    "--from-port 40001",
    "--reply=false",
    "-4A",
    Array.from({ length: 190 }, (_, at) => `--port ${at + 5400}`).join(" "),
    `--from-label 'rank in (${Array.from({ length: 800 }, (_, at) => at).join(",")})'`,
    Array.from({ length: 150 }, (_, at) => `--ip 10.0.${at}.0/24`).join(" "),
    Array.from({ length: 25 }, (_, at) => `-n n${at} --pod p${at}`).join(" "),
  ])("%s", async (line) => {
    const [cli, api] = await Promise.all([
      observe(...splitLine(line).map(({ text }) => text), "-o", "jsonpb"),
      rest("flows", line),
    ]);
    expect([cli.err, api.body.error]).toEqual(["", undefined]);
    const lines = cli.out.trim() === "" ? [] : cli.out.trimEnd().split("\n");
    const ids = lines.map((one) => (JSON.parse(one) as { flow: { uuid: string } }).flow.uuid);
    expect(ids.sort()).toEqual(api.body.flows.map(({ uuid }) => uuid).sort());
  });
});

describe("observe --view", () => {
  const own = (): Record<string, string> => ({
    origin: url,
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
  });
  const save = async (name: string, view: object): Promise<number> => {
    const address = `${url}/api/v1/views/${encodeURIComponent(name)}`;
    const body = JSON.stringify(view);
    return (await fetch(address, { method: "PUT", headers: own(), body })).status;
  };
  const lines = async (...words: string[]): Promise<number> => {
    const { out, err } = await runCli(["observe", "--data", data, ...words]);
    expect(err).toBe("");
    return out === "" ? 0 : out.trimEnd().split("\n").length;
  };

  test("takes filter and range of the view, and adds what stands beside it", async () => {
    const drops = { place: "live", filter: "--verdict DROPPED", since: "1h", until: "" };
    expect(await save("the drops", drops)).toBe(200);
    expect(await lines("--view", "the drops")).toBe(10);
    expect(await lines("--view", "the drops", "--last", "3")).toBe(3);
    expect(await lines("--view", "the drops", "--until", "2h")).toBe(0);
    expect(await lines("--view", "the drops", "--from-port", "40000")).toBe(1);
    expect(await lines("--view", "the drops", "--not", "--from-port", "40000")).toBe(9);
  });

  test("a view of problems with words, and one that is not there", async () => {
    const words = { place: "problems", filter: "checkout", since: "", until: "" };
    expect(await save("words", words)).toBe(200);
    const bad = await runCli(["observe", "--data", data, "--view", "words"]);
    expect([bad.code, bad.err]).toEqual([2, expect.stringMatching(/"checkout" is not a flag/)]);
    const none = await runCli(["observe", "--data", data, "--view", "nothing"]);
    expect(none.code).toBe(2);
    expect(none.err).toMatch(/No view is saved as "nothing"/);
    expect(none.err).toMatch(/There are "the drops", "words"\. \[VIEW_NOT_FOUND\]/);
  });
});
