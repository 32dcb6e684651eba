import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSimulator, type Simulator } from "@dropscope/ingester/simulator";
import { type Clock, systemClock } from "@dropscope/model";
import { KILL_POINTS, type KillPoint, openStore } from "@dropscope/store";
import { afterEach, describe, expect, test } from "vitest";

// The whole product against a live relay: ingester, spool, delivery and engine are killed
// together, as a power cut or an OOM killer would do it. The rings of the relay outlive that, so
// in the end every flow that the cluster produced must be stored, and none twice.

const command = new URL("../../packages/cli/bin/dropscope.mjs", import.meta.url).pathname;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A cluster whose time can be stopped: nothing new happens then, and all can be counted. */
async function cluster(rate: number): Promise<{ simulator: Simulator; freeze: () => void }> {
  let frozen: number | undefined;
  const clock: Clock = { ...systemClock, now: () => frozen ?? Date.now() };
  const simulator = createSimulator({
    seed: "kill",
    rate,
    clock,
    listen: { port: 0 },
    ring: 65_535,
    sort: { length: 1, drainMs: 50 },
  });
  await simulator.start();
  return {
    simulator,
    freeze() {
      frozen = Date.now();
    },
  };
}

interface Running {
  child: ChildProcess;
  /** Resolves once flows are being read; never when it was killed before. */
  reading: Promise<void>;
}

function ingest(data: string, relay: string, killAt?: string): Running {
  const child = spawn(
    process.execPath,
    [command, "ingest", "--relay", relay, "--data", data, "--log-format", "json"],
    {
      // A group of its own, so that one signal reaches the engine too.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...(killAt === undefined ? {} : { DROPSCOPE_KILL_AT: killAt }) },
    },
  );
  const reading = new Promise<void>((resolve) => {
    child.stderr?.on("data", (chunk: Buffer) => {
      if (chunk.includes('"ingesting"')) resolve();
    });
  });
  return { child, reading };
}

async function killTree(child: ChildProcess): Promise<void> {
  const ended =
    child.exitCode !== null || child.signalCode !== null ? undefined : once(child, "exit");
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  await ended;
}

interface Stored {
  rows: number;
  distinct: number;
  rollup: number;
  acknowledged: number;
}

async function stored(data: string): Promise<Stored> {
  const store = openStore({ dataDir: data, requireStore: true });
  await store.start();
  try {
    await store.drained();
    const [row] = await store.client.query<Record<keyof Stored, string>>(
      `SELECT count() AS rows, uniqExact(uuid) AS distinct,
        (SELECT sum(count) FROM drops_1m) AS rollup,
        (SELECT sum(flows) FROM batches) AS acknowledged FROM flows`,
    );
    return Object.fromEntries(
      Object.entries(row!).map(([name, value]) => [name, Number(value)]),
    ) as unknown as Stored;
  } finally {
    await store.stop(10_000);
  }
}

/** Runs undisturbed until everything that the cluster produced has been read, then stops in good order. */
async function catchUp(data: string, simulator: Simulator): Promise<void> {
  const { child, reading } = ingest(data, simulator.address());
  const exit = once(child, "exit");
  // Not before: who asks first would start the engine himself and own the folder.
  await reading;
  const deadline = Date.now() + 120_000;
  let seen = -1;
  let still = 0;
  // Done when a second brings nothing more: the relay then has nothing left to send.
  while (still < 2 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await landed(data);
    still = now === seen && now >= simulator.totals().flows ? still + 1 : 0;
    seen = now;
  }
  child.kill("SIGTERM");
  await exit;
}

/** What the running instance has stored so far; -1 while it cannot be asked. */
async function landed(data: string): Promise<number> {
  const store = openStore({ dataDir: data, share: true, requireStore: true });
  try {
    await store.start();
    const [row] = await store.client.query<{ rows: string }>("SELECT count() AS rows FROM flows");
    return Number(row?.rows);
  } catch {
    return -1;
  } finally {
    await store.stop(5_000);
  }
}

async function survive(kills: (data: string, relay: string) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "dropscope-kill-"));
  folders.push(data);
  const { simulator, freeze } = await cluster(300);
  try {
    await kills(data, simulator.address());
    freeze();
    await catchUp(data, simulator);
    const made = simulator.totals().flows;
    expect(await stored(data)).toEqual({
      rows: made,
      distinct: made,
      rollup: made,
      acknowledged: made,
    });
  } finally {
    await simulator.stop(1_000);
  }
}

/** Small, seeded, good enough to scatter moments: a failure can be run again with the same ones. */
function moments(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("R1: kill -9 of the whole process tree", { timeout: 400_000 }, () => {
  test("20 times at random moments: every flow is stored exactly once", async () => {
    const seed = Number(process.env["SEED"] ?? 7);
    const random = moments(seed);
    await survive(async (data, relay) => {
      for (let kill = 0; kill < 20; kill += 1) {
        const { child, reading } = ingest(data, relay);
        await reading;
        await new Promise((resolve) => setTimeout(resolve, random() * 2_000));
        await killTree(child);
      }
    });
  });

  // Points that every run passes; the others (bisecting, quarantine) are covered by the store's own tests.
  const passed: KillPoint[] = KILL_POINTS.filter(
    (point) => !/bisect|quarantine|recover/.test(point),
  );
  test("once at each named point: every flow is stored exactly once", async () => {
    const reached: string[] = [];
    await survive(async (data, relay) => {
      for (const point of passed) {
        const { child } = ingest(data, relay, `${point}:3`);
        const [, signal] = (await once(child, "exit")) as [number | null, string | null];
        if (signal === "SIGKILL") reached.push(point);
        await killTree(child);
      }
    });
    expect(reached).toEqual(passed);
  });
});
