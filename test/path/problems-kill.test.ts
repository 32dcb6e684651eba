import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Flow } from "@dropscope/model";
import { CORRELATE_POINTS, openStore } from "@dropscope/store";
import { startTestStore, type TestStore } from "@dropscope/store/testing";
import { until } from "@dropscope/ingester/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  CORRELATED_TABLES,
  flowsOfLines,
  forget,
  knownProblems,
  land,
  notDone,
  packets,
} from "../kit/correlated.js";
import { mulberry } from "../kit/lossy-proxy.js";
import { cleanUp, scratchDir, startCli } from "../kit/run-cli.js";
import { simulatedFlows } from "../kit/simulated-flows.js";

// The correlator is killed at the worst moments; what it says in the end is what one says that
// nobody disturbed.

const CHILD = fileURLToPath(new URL("../kit/correlate-child.mjs", import.meta.url));
const SEED = Number(process.env["SEED"] ?? 11);
const CLUSTER = "shop";

let store: TestStore;
let flows: Flow[];
let policies: string;
let undisturbed: unknown;
/** What a whole run takes, of which starting is the smaller part. */
let lastedMs = 0;

beforeAll(async () => {
  store = await startTestStore();
  policies = join(scratchDir(), "policies");
  flows = flowsOfLines((await simulatedFlows("egress-without-dns", 25, policies)).lines);
  await land(store.client, flows, 30);
  const began = performance.now();
  await correlate();
  lastedMs = performance.now() - began;
  undisturbed = await picture();
});
beforeEach(() => forget(store.client, CORRELATED_TABLES));
afterAll(async () => {
  await store.close();
  await cleanUp();
});

/** In the midst of the work, where that is more than a write or two: what waits is written together. */
const NTH: Readonly<Record<string, number>> = {
  "correlate:before-explanations": 2,
  "correlate:after-minutes": 3,
};

interface Ended {
  readonly signal: string | null;
}

/** Runs the correlator until it is through, or killed. */
async function correlate(how: { killAt?: string; killAfterMs?: number } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, DROPSCOPE_KILL_AT: how.killAt ?? "" },
  });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(JSON.stringify({ target: store.engine.target(), policies, cluster: CLUSTER }));
  if (how.killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), how.killAfterMs);
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  expect(err, "the correlator said why it ended").toBe("");
  return { signal };
}

/** Everything that the correlator knows, as far as it does not depend on the moment of asking. */
async function picture(): Promise<unknown> {
  const rows = await store.client.query(
    "SELECT count() AS rows, uniqExact(uuid) AS flows, uniqExact(batch) AS batches FROM explanations",
  );
  const minutes = await store.client.query(
    "SELECT toString(problem) AS id, minute, sum(drops) AS drops, sum(verdicts) AS verdicts FROM problem_minutes GROUP BY id, minute ORDER BY id, minute",
  );
  // The children keep no versions of policies, so each knows them since its own start.
  const problems = JSON.stringify(await knownProblems(store.client));
  return {
    rows,
    minutes,
    problems: JSON.parse(
      problems.replaceAll(/(policies are known since) [^)"]+/g, "$1 then"),
    ) as unknown,
  };
}

describe("kill -9 of the correlator", () => {
  test("nobody disturbed it: every packet is counted once", async () => {
    const { problems } = undisturbed as { problems: { count: number }[] };
    expect(problems.reduce((sum, { count }) => sum + count, 0)).toBe(packets(flows));
  });

  test("at every named point, one after the other", async () => {
    const reached: string[] = [];
    for (const point of CORRELATE_POINTS) {
      const { signal } = await correlate({ killAt: `${point}:${NTH[point] ?? 1}` });
      if (signal === "SIGKILL") reached.push(point);
    }
    await correlate();
    expect(reached).toEqual([...CORRELATE_POINTS]);
    expect(await picture()).toEqual(undisturbed);
  });

  test("at random moments", async () => {
    const random = mulberry(SEED);
    let killed = 0;
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now();
      const { signal } = await correlate({ killAfterMs: lastedMs * (0.4 + random() * 0.5) });
      if (signal === "SIGKILL") killed += 1;
      // The machine is faster than it was.
      else lastedMs = performance.now() - began;
    }
    await correlate();
    expect(killed, `SEED=${SEED}`).toBeGreaterThan(0);
    expect(await picture()).toEqual(undisturbed);
  });

  test("negative control: where the store forgets its tokens, the same kill counts twice", async () => {
    const window = (size: number): Promise<void> =>
      store.client.command(
        `ALTER TABLE problem_minutes MODIFY SETTING non_replicated_deduplication_window = ${size}`,
      );
    await window(0);
    try {
      await correlate({ killAt: "correlate:after-minutes:3" });
      await correlate();
      expect(await picture()).not.toEqual(undisturbed);
    } finally {
      await window(10_000);
    }
  });
});

describe("kill -9 of the whole tree", () => {
  test("the engine dies with it, and the next start goes on", async () => {
    const data = join(scratchDir(), "data");
    mkdirSync(data, { recursive: true });
    const args = ["correlate", "--policies", policies, "--data", data];
    const prepared = await startTestStore({ dataDir: data });
    await land(prepared.client, flows, 30);
    await prepared.close();

    const random = mulberry(SEED + 1);
    for (let i = 0; i < 2; i += 1) {
      const running = startCli(args);
      await running.says(/"sentence"/);
      await new Promise((resolve) => setTimeout(resolve, random() * 500));
      const engine = await running.stop("SIGKILL");
      expect(engine.signal).toBe("SIGKILL");
    }
    const last = startCli(args);
    await last.says(/explaining drops/);
    const store = openStore({ dataDir: data, share: true, readOnly: true, requireStore: true });
    await store.start();
    await until("everything is explained", async () => (await notDone(store.client)) === 0, 30_000);
    await until(
      "the problems are written",
      async () => (await knownProblems(store.client)).length > 0,
      5_000,
    );
    const problems = await knownProblems(store.client);
    await store.stop(5_000);
    await last.stop();
    const { problems: wanted } = undisturbed as { problems: typeof problems };
    const counts = (all: typeof problems) =>
      all.map(({ id, count, podCount }) => ({ id, count, podCount }));
    expect(counts(problems)).toEqual(counts(wanted));
  });
});
