import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@dropscope/ingester/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import {
  cleanUp,
  expectClearError,
  runCli,
  scratchDir,
  startCli,
  type Cli,
} from "../kit/run-cli.js";

const bin = fileURLToPath(new URL("../../packages/cli/bin/dropscope.mjs", import.meta.url));
const startMs = Date.parse("2026-11-20T10:00:00Z");
const data = join(scratchDir(), "data");
const file = join(scratchDir(), "flows.jsonl");
let serve: Cli;

/** Beside a running `serve`, whose engine answers: no command has to start one. */
const observe = async (...args: string[]): Promise<string[]> => {
  const { code, out, err } = await runCli(["observe", "--data", data, ...args]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out === "" ? [] : out.trimEnd().split("\n");
};

beforeAll(async () => {
  writeFileSync(file, flowLines(30, { startMs }));
  serve = startCli(["serve", "--port", "0", "--data", data]);
  await serve.says(/ready/);
  expect(await runCli(["import", file, "--data", data])).toMatchObject({
    code: 0,
    out: "30 read, 30 stored, 0 repeated, 0 rejected\n",
  });
});
afterAll(cleanUp);

describe("import", () => {
  test("a second time stores nothing", async () => {
    const { code, out } = await runCli(["import", file, "--data", data]);
    expect({ code, out }).toEqual({
      code: 0,
      out: "30 read, 0 stored, 30 repeated, 0 rejected\n",
    });
  });

  test("reads standard input", async () => {
    const input = flowLines(3, { startMs: startMs - 86_400_000, pod: "piped" });
    const { code, out } = await runCli(["import", "-", "--data", data], { input });
    expect({ code, out }).toEqual({ code: 0, out: "3 read, 3 stored, 0 repeated, 0 rejected\n" });
    expect(await observe("--pod", "web/piped", "--all")).toHaveLength(3);
  });
});

describe("observe", () => {
  const own = ["--pod", "web/frontend"];

  test.each([
    [[], 20, "Nov 20 10:00:10", "Nov 20 10:00:29"],
    [["--all"], 30, "Nov 20 10:00:00", "Nov 20 10:00:29"],
    [["--first", "4"], 4, "Nov 20 10:00:00", "Nov 20 10:00:03"],
    [["--last", "5"], 5, "Nov 20 10:00:25", "Nov 20 10:00:29"],
    [["--since", "2026-11-20T10:00:27Z"], 3, "Nov 20 10:00:27", "Nov 20 10:00:29"],
    [["--since", "Nov 20 10:00:27.000"], 3, "Nov 20 10:00:27", "Nov 20 10:00:29"],
    [["--until", "2026-11-20T10:00:01Z"], 2, "Nov 20 10:00:00", "Nov 20 10:00:01"],
    [
      ["--since", "2026-11-20T10:00:05Z", "--until", "2026-11-20T10:00:06Z"],
      2,
      "Nov 20 10:00:05",
      "Nov 20 10:00:06",
    ],
  ])("%j", async (selector, count, first, last) => {
    const lines = await observe(...own, ...selector);
    expect(lines).toHaveLength(count);
    expect(lines[0]).toContain(first);
    expect(lines.at(-1)).toContain(last);
  });

  test("filters, and --not", async () => {
    expect(await observe(...own, "--all", "--verdict", "DROPPED")).toHaveLength(10);
    expect(await observe(...own, "--all", "--not", "--verdict", "DROPPED")).toHaveLength(20);
    const ports = ["--from-port", "40000", "--from-port", "40001"];
    expect(await observe(...own, "--all", ...ports)).toHaveLength(2);
    expect(await observe("flows", "--all", "--to-namespace", "nowhere")).toEqual([]);
  });

  test("outputs", async () => {
    const one = [...own, "--first", "1"];
    expect(await observe(...one)).toEqual([
      "Nov 20 10:00:00.000: web/frontend:40000 (ID:1007) -> payments/db-0:5432 (ID:1009) Policy denied DROPPED (TCP Flags: SYN)",
    ]);
    const [json] = await observe(...one, "-o", "json");
    expect(JSON.parse(json!)).toMatchObject({
      flow: { verdict: "DROPPED" },
      node_name: "test/node-1",
    });
    expect(await observe(...one, "-o", "jsonpb")).toEqual([json]);
    expect((await observe(...one, "-o", "dict"))[0]).toBe("  TIMESTAMP: Nov 20 10:00:00.000");
    expect((await observe(...one, "-o", "table"))[0]).toMatch(
      /^TIMESTAMP +SOURCE +DESTINATION +TYPE/,
    );
    const [masked] = await observe(...one, "-o", "json", "--field-mask", "verdict,source.pod_name");
    expect(JSON.parse(masked!)).toMatchObject({
      flow: { verdict: "DROPPED", source: { pod_name: "frontend" } },
    });
    expect((JSON.parse(masked!) as { flow: object }).flow).not.toHaveProperty("destination");
    expect((await observe(...one, "--numeric"))[0]).toContain("10.0.1.7:40000");
    expect((await observe(...one, "--time-format", "rfc3339"))[0]).toContain(
      "2026-11-20T10:00:00Z:",
    );
    expect((await observe(...one, "--print-node-name"))[0]).toContain("[test/node-1]");
  });

  test("--follow prints what lands, and ends by a signal", async () => {
    const follow = startCli(["observe", "--data", data, "-f", "--last", "1", ...own]);
    await follow.says(/10:00:29/);
    const input = flowLines(2, { startMs: startMs + 60_000 });
    await runCli(["import", "-", "--data", data], { input });
    await follow.says(/10:01:00.*\n.*10:01:01/);
    const { code, err, out } = await follow.stop("SIGINT");
    expect({ code, err, lines: out.trim().split("\n").length }).toEqual({
      code: 0,
      err: "",
      lines: 3,
    });
  });

  test.each([["--all"], ["-f --since 2026-11-20"]])("%s | head -1 is no failure", async (flags) => {
    const shell = spawn(
      "bash",
      [
        "-c",
        `"${process.execPath}" "${bin}" observe ${flags} --data "${data}" | head -1; exit \${PIPESTATUS[0]}`,
      ],
      { stdio: ["ignore", "pipe", "pipe"], cwd: scratchDir() },
    );
    let err = "";
    let out = "";
    shell.stdout.on("data", (chunk) => (out += String(chunk)));
    shell.stderr.on("data", (chunk) => (err += String(chunk)));
    let code: number | null | undefined;
    shell.on("close", (status) => (code = status));
    // What is followed notices at its next line.
    await until("its first line", () => out !== "" || code !== undefined);
    const startAgain = startMs + 120_000 + flags.length * 1000;
    await runCli(["import", "-", "--data", data], { input: flowLines(2, { startMs: startAgain }) });
    await until("the end", () => code !== undefined);
    expect({ code, err, lines: out.split("\n").length - 1 }).toEqual({
      code: 0,
      err: "",
      lines: 1,
    });
  });

  test.concurrent.each([
    [["--verdict", "NOPE"], "FILTER_INVALID"],
    [["--http-path", "("], "FILTER_INVALID"],
    [["--ip", "300.0.0.1/99"], "FILTER_INVALID"],
    [["--pod", "web/x", "--not"], "FILTER_INVALID"],
    [["--to-port", "http"], "FILTER_INVALID"],
    [["--cel-expression", "true"], "FILTER_UNSUPPORTED"],
    [["--since", "yesterday"], "BAD_TIME"],
    [["--since", "1h", "--until", "2h"], "BAD_TIME"],
    [["--first", "1", "--last", "1"], "OBSERVE_SELECTORS"],
    [["-o", "table", "-f"], "OBSERVE_SELECTORS"],
    [["--input-file", "x"], "OBSERVE_FLAG"],
    [["--field-mask", "a b", "-o", "json"], "OBSERVE_MASK"],
    [["agent-events"], "USAGE"],
    [["--last", "-3"], "USAGE"],
    [["-o", "xml"], "USAGE"],
  ])("%j is refused before the store is asked", async (args, code) => {
    expectClearError(await runCli(["observe", ...args], { cwd: scratchDir() }), code, 2);
  });
});
