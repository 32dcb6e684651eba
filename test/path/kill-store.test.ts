import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KILL_POINTS, openStore, type KillPoint } from "@dropscope/store";
import { startTestStore } from "@dropscope/store/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mulberry } from "../kit/lossy-proxy.js";
import { expectBooks, expectExactly } from "../kit/oracle.js";

const CHILD = fileURLToPath(new URL("../kit/seal-child.mjs", import.meta.url));
const ROWS = 40;
const SEED = Number(process.env["SEED"] ?? 20_240_917);

let dataDir: string;
let next = 0;
const acknowledged = new Set<number>();

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "dropscope-kill-"));
});

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Runs the child until it ends or dies, and notes what it acknowledged. */
async function run(options: {
  killAt?: string;
  killAfterMs?: number;
  batches: number;
  /** A number that the store refuses. */
  poison?: number;
}): Promise<{
  signal: string | null;
  code: number | null;
  drained: boolean;
  sealed: number;
}> {
  const first = next;
  next += options.batches * ROWS;
  const child = spawn(
    process.execPath,
    [CHILD, dataDir, String(first), String(options.batches), String(ROWS)],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        DROPSCOPE_KILL_AT: options.killAt ?? "",
        POISON: String(options.poison ?? -1),
      },
    },
  );
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  if (options.killAfterMs !== undefined)
    setTimeout(() => child.kill("SIGKILL"), options.killAfterMs);
  const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
    child.on("close", (...how) => done(how)),
  );
  expect(err, "the child said why it ended").toBe("");
  const lines = out.split("\n").slice(0, -1);
  const starts = lines.filter((line) => line !== "drained").map(Number);
  for (const start of starts)
    for (let i = 0; i < ROWS; i += 1) if (start + i !== options.poison) acknowledged.add(start + i);
  return { signal, code, drained: lines.includes("drained"), sealed: starts.length };
}

/** Opens the store as the next process would, lets it drain and compares. */
async function check(): Promise<void> {
  const store = openStore({ dataDir, memoryBytes: 1024 * 1024 * 1024 });
  await store.start();
  try {
    await store.drained();
    expectBooks(store.books());
    expect(readdirSync(join(dataDir, "spool")).filter((name) => name.endsWith(".batch"))).toEqual(
      [],
    );
    await expectExactly(store.client, acknowledged);
  } finally {
    await store.stop(10_000);
  }
}

/** Points that only a run on a damaged or poisoned spool visits are tested with those. */
const ON_EVERY_RUN = KILL_POINTS.filter((point) => !/bisect|quarantine/.test(point)) as KillPoint[];

describe("R1: kill -9 loses nothing sealed and repeats nothing, in raw rows and rollups", () => {
  test.each(ON_EVERY_RUN)("R1: at %s", async (point) => {
    const nth = point.startsWith("recover") ? 1 : 2;
    const ended = await run({ killAt: `${point}:${nth}`, batches: 4 });
    expect(ended.signal, "the point was reached").toBe("SIGKILL");
    expect(ended.drained).toBe(false);
    await check();
  });

  test("R1: at random moments", async () => {
    const random = mulberry(SEED);
    let killed = 0;
    for (let i = 0; i < 5; i += 1) {
      const ended = await run({ killAfterMs: 900 + random() * 1500, batches: 30 });
      if (ended.signal === "SIGKILL") killed += 1;
    }
    expect(killed, `SEED=${SEED}`).toBeGreaterThan(1);
    await check();
  });

  test.each(["deliver:before-bisect", "deliver:after-quarantine"] as const)(
    "R1, R7: at %s",
    async (point) => {
      const prepared = await startTestStore({ dataDir });
      await prepared.client.command(
        "ALTER TABLE flows ADD CONSTRAINT IF NOT EXISTS no_poison CHECK summary != 'poison'",
      );
      await prepared.close();
      const ended = await run({ killAt: `${point}:1`, batches: 3, poison: next + ROWS + 7 });
      expect(ended.signal, "the point was reached").toBe("SIGKILL");
      await check();
      const kept = readdirSync(join(dataDir, "quarantine")).filter((name) =>
        name.endsWith("row7.native"),
      );
      expect(kept.length).toBeGreaterThan(0);
    },
  );

  test("R1, R6: at recover:after-quarantine", async () => {
    // Everything waits, and the oldest file is damaged while nobody runs.
    const first = next;
    await run({ killAt: "deliver:before-insert:1", batches: 3 });
    const spool = join(dataDir, "spool");
    const victim = readdirSync(spool)
      .filter((name) => name.endsWith(".batch"))
      .sort()[0]!;
    writeFileSync(join(spool, victim), "spoilt");
    for (let i = 0; i < ROWS; i += 1) acknowledged.delete(first + i);
    const ended = await run({ killAt: "recover:after-quarantine:1", batches: 1 });
    expect(ended.signal, "the point was reached").toBe("SIGKILL");
    await check();
  });

  test("liveness: a run without a kill stores everything and ends with 0", async () => {
    const ended = await run({ batches: 5 });
    expect(ended).toMatchObject({ code: 0, drained: true, sealed: 5 });
    await check();
  });
});

describe("R1: negative control", () => {
  test("without a window on the rollup, the same crash counts twice", async () => {
    const dir = mkdtempSync(join(tmpdir(), "dropscope-kill-control-"));
    const before = { dataDir, next, acknowledged: new Set(acknowledged) };
    dataDir = dir;
    acknowledged.clear();
    try {
      const prepared = await startTestStore({ dataDir: dir });
      await prepared.client.command(
        "ALTER TABLE drops_1m MODIFY SETTING non_replicated_deduplication_window = 0",
      );
      await prepared.close();
      // Everything is in but for the ledger row, so the next process sends it again.
      await run({ killAt: "deliver:after-insert:1", batches: 1 });
      await expect(check()).rejects.toThrow("agree");
    } finally {
      dataDir = before.dataDir;
      next = before.next;
      acknowledged.clear();
      for (const number of before.acknowledged) acknowledged.add(number);
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
