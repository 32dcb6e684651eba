import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@dropscope/ingester/simulator";
import { until } from "@dropscope/ingester/testing";
import type { StatusAnswer } from "@dropscope/model";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import {
  cleanUp,
  dashboardUrl,
  getJson,
  runCli,
  scratchDir,
  startCli,
  type Cli,
} from "../kit/run-cli.js";

afterAll(cleanUp);

type Health = { ready: boolean; missing: { part: string; message: string }[]; books?: Books };
type Books = Record<string, number>;

const health = async (url: string): Promise<Health> => (await getJson(url)).body as Health;
const statusOf = async (url: string): Promise<StatusAnswer> =>
  (await getJson(`${url}/api/v1/status`)).body as StatusAnswer;

/** The sums of promise R24; read and sealed count this process, stored and waiting what it met on disk too. */
function expectBalance(books: Books): void {
  const { read, repeats, rejected, open, sealed } = books;
  expect(read).toBe(repeats! + rejected! + open! + sealed!);
  expect(books["sealedTotal"]).toBe(books["stored"]! + books["waiting"]! + books["quarantined"]!);
}

async function flowing(url: string): Promise<StatusAnswer> {
  let answer: StatusAnswer | undefined;
  await until("flows are stored", async () => {
    answer = await statusOf(url);
    return answer.coverage.lagMs >= 0 && (answer.books?.["stored"] ?? 0) > 50;
  });
  return answer!;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("up with the simulated cluster", () => {
  const data = join(scratchDir(), "data");

  /** One at a time on its folder: a test that fails leaves none behind. */
  function startUp(...more: string[]): Cli {
    const up = startCli(["up", "--port", "0", "--data", data, ...more]);
    onTestFinished(async () => {
      await up.stop("SIGKILL");
    });
    return up;
  }

  test("shows flows, balances its books, and ends by SIGTERM within 10 s with its engine (R15)", async () => {
    const up = startUp();
    const url = await dashboardUrl(up);
    const answer = await flowing(url);
    expect(answer.coverage.source).toMatchObject({ kind: "simulator", state: "ok" });
    expect(answer.coverage.nodes).toMatchObject({ connected: 3, total: 3 });
    expect(await health(`${url}/readyz`)).toEqual({ ready: true, missing: [] });
    expectBalance((await health(`${url}/healthz?books`)).books!);

    const engine = JSON.parse(readFileSync(join(data, "engine.json"), "utf8")) as { pid: number };
    expect(isAlive(engine.pid)).toBe(true);

    // One owner per folder (R21); the answer comes before an engine is even tried.
    const started = Date.now();
    const second = await runCli(["up", "--port", "0", "--data", data]);
    expect(second).toMatchObject({ code: 73, out: "" });
    expect(second.err).toMatch(/in use by process \d+\n.*--data.*\[DATA_IN_USE\]/);
    expect(Date.now() - started).toBeLessThan(15_000);

    const stopping = Date.now();
    const { code, out, err } = await up.stop();
    expect({ code, inTime: Date.now() - stopping < 10_000 }).toEqual({ code: 0, inTime: true });
    expect(out).toBe(`dropscope is ready: ${url}\n`);
    expect(err).not.toMatch(/"level":(40|50|60)/);
    expect(isAlive(engine.pid)).toBe(false);
    expect(existsSync(join(data, "dashboard.json"))).toBe(false);
  });

  test("goes on where it was on the same data", async () => {
    const before = JSON.parse((await runCli(["status", "-o", "json", "--data", data])).out) as {
      coverage: { lagMs: number };
    };
    expect(before.coverage.lagMs).toBeGreaterThanOrEqual(0);
    const oldest = await runCli(["observe", "--first", "1", "-o", "jsonpb", "--data", data]);
    const up = startUp("--seed", "other");
    await flowing(await dashboardUrl(up));
    const again = await runCli(["observe", "--first", "1", "-o", "jsonpb", "--data", data]);
    expect(again).toEqual(oldest);
    expect((await up.stop("SIGINT")).code).toBe(0);
  });

  test("a second SIGINT ends it at once", async () => {
    const up = startUp();
    await dashboardUrl(up);
    up.child.kill("SIGINT");
    await up.says(/stopping/);
    const second = Date.now();
    const { code } = await up.stop("SIGINT");
    expect([130, 0]).toContain(code);
    // It would otherwise have as long as all its parts need.
    expect(Date.now() - second).toBeLessThan(5_000);
  });

  test("a signal during a slow start is enough", async () => {
    const up = startCli(["up", "--port", "0", "--data", join(scratchDir(), "data")]);
    await new Promise((resolve) => setTimeout(resolve, 900));
    const { code } = await up.stop();
    expect([0, null]).toContain(code);
  });
});

describe("up with a relay", () => {
  let simulator: Simulator;
  const data = join(scratchDir(), "data");
  beforeAll(async () => {
    simulator = createSimulator({ listen: { port: 0 }, rate: 300, incidents: [] });
    await simulator.start();
  });
  afterAll(() => simulator.stop(1000));
  afterEach(async () => simulator.answer());

  test.each([
    ["--relay", (address: string) => ({ args: ["--relay", address], env: {} })],
    ["HUBBLE_SERVER", (address: string) => ({ args: [], env: { HUBBLE_SERVER: address } })],
  ])("%s names it", async (_, given) => {
    const { args, env } = given(simulator.address());
    const up = startCli(["up", "--port", "0", "--data", data, ...args], { env });
    const { coverage } = await flowing(await dashboardUrl(up));
    expect(coverage.source).toMatchObject({ kind: "relay", address: simulator.address() });
    expect((await up.stop()).code).toBe(0);
  });

  test("R22: a relay that goes away and comes back is told by /readyz, and recovered from", async () => {
    const up = startCli(["up", "--port", "0", "--data", data, "--relay", simulator.address()]);
    const url = await dashboardUrl(up);
    await flowing(url);
    await simulator.hangUp();
    await until("not ready", async () => (await fetch(`${url}/readyz`)).status === 503);
    const { missing } = await health(`${url}/readyz`);
    expect(missing).toMatchObject([{ part: "source" }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    await simulator.answer();
    await until("ready again", async () => (await fetch(`${url}/readyz`)).status === 200);
    expect((await up.stop()).code).toBe(0);
  });
});

test("up --from stores a file and prints the link that shows its time", async () => {
  const dir = scratchDir();
  const file = join(dir, "flows.jsonl");
  writeFileSync(file, flowLines(30, { startMs: Date.parse("2026-11-20T10:00:00Z") }));
  const up = startCli(["up", "--port", "0", "--data", join(dir, "data"), "--from", file]);
  const url = await dashboardUrl(up);
  const [, link] = await up.says(/the files are read: (\S+)/);
  expect(link!.startsWith(`${url}/?from=`)).toBe(true);
  const span = new URL(link!).searchParams;
  expect(Number(span.get("from"))).toBeLessThan(Date.parse("2026-11-20T10:00:00Z"));
  expect(Number(span.get("to"))).toBeGreaterThan(Date.parse("2026-11-20T10:00:29Z"));
  const { coverage } = await statusOf(url);
  expect(coverage.source).toMatchObject({ kind: "file", state: "ok" });
  const observed = await runCli(["observe", "--all", "-o", "json", "--data", join(dir, "data")]);
  expect(observed.out.trim().split("\n")).toHaveLength(30);
  expect((await up.stop()).code).toBe(0);
});

test("ingest, serve, observe and status work on one folder at the same time", async () => {
  const data = join(scratchDir(), "data");
  const ingest = startCli(["ingest", "--data", data, "--rate", "300", "--ttl-drops", "60"]);
  const serve = startCli(["serve", "--port", "0", "--data", data]);
  const url = await dashboardUrl(serve);
  await until("flows land", async () => {
    const { coverage } = await statusOf(url);
    return coverage.lagMs >= 0 && coverage.flowsPerSecond > 10;
  });
  const [status, observe] = await Promise.all([
    runCli(["status", "--data", data]),
    runCli(["observe", "--last", "7", "--data", data]),
  ]);
  expect(status).toMatchObject({ code: 0, err: "" });
  expect(status.out).toContain(url);
  expect(observe).toMatchObject({ code: 0, err: "" });
  expect(observe.out.trim().split("\n")).toHaveLength(7);
  expect((await serve.stop()).code).toBe(0);
  const stopped = await ingest.stop();
  expect(stopped).toMatchObject({ code: 0, out: "" });
  expect(stopped.err).not.toMatch(/"level":(50|60)/);
});

test("a busy port is said before anything else goes on", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const result = await runCli(["up", "--port", String(port), "--data", join(scratchDir(), "data")]);
  server.close();
  expect(result).toMatchObject({ code: 69, out: "" });
  expect(result.err).toMatch(/dropscope: Port \d+ .* in use\.\n {2}.*another port.*\[PORT_BUSY\]/);
});
