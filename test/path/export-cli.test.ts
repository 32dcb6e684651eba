import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "@dropscope/ingester/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { flowLines } from "../kit/flow-lines.js";
import { readCsv, readParquet } from "../kit/read-exports.js";
import {
  cleanUp,
  type CliResult,
  expectClearError,
  runCli,
  scratchDir,
  startCli,
} from "../kit/run-cli.js";

const startMs = Date.parse("2026-11-20T10:00:00Z");
const data = join(scratchDir(), "data");
const out = scratchDir("out");
const count = 3000;

beforeAll(async () => {
  const file = join(scratchDir(), "flows.jsonl");
  const lost = {
    lost_events: { source: "HUBBLE_RING_BUFFER", num_events_lost: "12" },
    node_name: "test/node-1",
    time: "2026-11-20T10:00:10Z",
  };
  writeFileSync(file, `${flowLines(count, { startMs })}${JSON.stringify(lost)}\n`);
  const serve = startCli(["serve", "--port", "0", "--data", data]);
  await serve.says(/ready/);
  expect((await runCli(["import", file, "--data", data])).code).toBe(0);
});
afterAll(cleanUp);

const observe = (...args: string[]): Promise<CliResult> =>
  runCli(["observe", "--data", data, ...args]);

describe("observe writes files of flows", () => {
  test("Parquet under its name, and says how much it is and what is missing in it", async () => {
    const path = join(out, "all.parquet");
    const { code, err, out: printed } = await observe("--all", "-o", "parquet", "-O", path);
    expect({ code, printed }).toEqual({ code: 0, printed: "" });
    expect(err).toMatch(
      /^3,000 flows in \S+all\.parquet, [\d.]+ kB\n1 known loss lies in this time \(12 events\)/,
    );
    const { rows } = await readParquet(readFileSync(path));
    expect(rows).toHaveLength(count);
    expect(rows[0]).toMatchObject({
      time: BigInt(startMs) * 1_000_000n,
      verdict: "DROPPED",
      drop_reason: "POLICY_DENIED",
      src_labels: ["k8s:app=web"],
      dst_port: 5432,
    });
    expect(readdirSync(out)).toEqual(["all.parquet"]);
  });

  test("CSV on standard output, with filters and times, as the printed lines have them", async () => {
    const asked = ["--verdict", "DROPPED", "--since", "2026-11-20T10:10:00Z"];
    const csv = await observe(...asked, "-o", "csv");
    const lines = await observe(...asked, "-o", "jsonpb", "-s");
    const [header = [], ...rows] = readCsv(csv.out);
    const uuids = lines.out
      .trimEnd()
      .split("\n")
      .flatMap((line) => {
        const { flow } = JSON.parse(line) as { flow?: { uuid: string } };
        return flow === undefined ? [] : [flow.uuid];
      });
    expect(uuids).toHaveLength(800);
    expect(rows.map((row) => row[header.indexOf("uuid")])).toEqual(uuids);
  });

  test("without a selector the last 20, as in every output", async () => {
    expect(readCsv((await observe("-o", "csv")).out)).toHaveLength(21);
  });

  test("lines of the real CLI go into a file as well", async () => {
    const path = join(out, "flows.jsonl");
    expect((await observe("--first", "5", "-o", "json", "-O", path)).code).toBe(0);
    const printed = await observe("--first", "5", "-o", "json");
    expect(readFileSync(path, "utf8")).toBe(printed.out);
  });

  test("a file that is there stays as it is when the question is wrong, and until the new one is whole", async () => {
    const path = join(out, "old.csv");
    writeFileSync(path, "old");
    const wrong = await observe("--all", "--path", "[", "-o", "csv", "-O", path);
    expect(wrong.code).not.toBe(0);
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(out).filter((name) => name.includes(".part"))).toEqual([]);
    expect((await observe("--all", "-o", "csv", "-O", path, "-s")).code).toBe(0);
    expect(readCsv(readFileSync(path, "utf8"))).toHaveLength(count + 1);
  });

  test("Ctrl-C leaves nothing", async () => {
    const path = join(out, "cut.parquet");
    const cli = startCli(["observe", "--data", data, "--all", "-o", "parquet", "-O", path]);
    await until("the file is begun", () =>
      readdirSync(out).some((name) => name.startsWith("cut.parquet.")),
    );
    const { code } = await cli.stop("SIGINT");
    // It may just have been done.
    if (code === 130) expect(existsSync(path)).toBe(false);
    else expect((await readParquet(readFileSync(path))).rows).toHaveLength(count);
    expect(readdirSync(out).filter((name) => name.includes(".part"))).toEqual([]);
  });

  test("what cannot be written is said", async () => {
    expectClearError(
      await observe("-o", "csv", "-O", join(out, "none", "x.csv")),
      "OUTPUT_FILE",
      74,
    );
    mkdirSync(join(out, "folder"));
    expectClearError(await observe("-o", "csv", "-O", join(out, "folder")), "OUTPUT_FILE", 74);
  });
});

describe("dropscope storage", () => {
  const storage = (...args: string[]): Promise<CliResult> =>
    runCli(["storage", ...args, "--data", data]);

  test("says what is stored, for people", async () => {
    const { code, out: text } = await storage("--estimate", "flows=30d");
    expect(code).toBe(0);
    expect(text).toMatch(/^TABLE +CLASS +ROWS +ON DISK/);
    expect(text).toMatch(/^flows +flows +2,000 .* 2026-11-20 10:00 +2026-11-20 10:49 +7 days$/m);
    expect(text).toMatch(/^3,000 flows, [\d.]+ bytes each; all tables: /m);
    expect(text).toMatch(/^drops: kept 30 days/m);
    expect(text).toMatch(/^spool: 0 B; quarantine: 0 B in 0 files$/m);
    expect(text).toMatch(/^flows for 30 days: /m);
  });

  test("changes how long, at once, and refuses what contradicts itself", async () => {
    const { out: text, code } = await storage("retention", "--set", "flows=5d,drops=6w");
    expect(code).toBe(0);
    expect(text).toBe(
      "flows: 7 days → 5 days\ndrops: 30 days → 42 days\nrollups: 90 days, as before\nproblems: 90 days, as before\npolicies: 90 days, as before\nchanged: flows, explanations\n",
    );
    const report = JSON.parse((await storage("-o", "json")).out) as {
      classes: { class: string; days: number }[];
    };
    expect(report.classes.map(({ days }) => days)).toEqual([5, 42, 90, 90, 90]);
    expectClearError(await storage("retention", "--set", "rollups=7d"), "RETENTION_INVALID", 2);
    const warned = await runCli(["storage", "retention", "--set", "flows=4d", "--data", data], {
      env: { DROPSCOPE_TTL_FLOWS: "9" },
    });
    expect(warned.out).toContain("ttl-flows stands in the settings and wins at the next start");
  });
});

describe("the dashboard's own", () => {
  const ask = async (path: string): Promise<Response> => {
    const [, url = ""] = /(http:\S+)/.exec((await runCli(["status", "--data", data])).out) ?? [];
    return fetch(`${url}/api/v1${path}`);
  };
  const range = "since=2026-11-20T10:00:00Z&until=2026-11-20T11:00:00Z";

  test("flows are downloaded as the filter has them", async () => {
    const csv = await ask(`/flows/export?${range}&format=csv&filter=--verdict%20DROPPED`);
    expect(csv.status).toBe(200);
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.headers.get("content-disposition")).toBe(
      'attachment; filename="flows-2026-11-20T10-00-00Z-2026-11-20T11-00-00Z.csv"',
    );
    expect(readCsv(await csv.text())).toHaveLength(1001);
    const parquet = await ask(`/flows/export?${range}&format=parquet`);
    const { rows } = await readParquet(new Uint8Array(await parquet.arrayBuffer()));
    expect(rows).toHaveLength(count);
  });

  test("what is wrong is an answer, and no file", async () => {
    const wrong = await ask(`/flows/export?${range}&format=xlsx`);
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { code: "BAD_QUERY" } });
  });

  test("says what is stored", async () => {
    expect(await (await ask("/storage")).json()).toMatchObject({ flows: count });
  });
});
