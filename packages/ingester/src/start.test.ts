import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DropscopeError } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { resolveHubbleTarget } from "./sources/hubble/config.js";
import { saveState } from "./sources/hubble/saved-state.js";
import { readStart } from "./start.js";
import { createManualClock } from "./testing/clock.js";

const MIN = 60_000;
const HOUR = 60 * MIN;
const resolved = resolveHubbleTarget({});
if (!resolved.ok) throw new Error("the default target must be good");
const { target } = resolved;
const ns = (ms: number) => BigInt(ms) * 1_000_000n;

async function stateFile(nodes: Record<string, { agoMs: number }>, now: number): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "dropscope-start-")), "state.json");
  const watermarks = new Map(
    Object.entries(nodes).map(([node, { agoMs }]) => [
      node,
      { newestNs: ns(now - agoMs), heardMs: now - agoMs },
    ]),
  );
  await saveState(path, target.address.dial, { watermarks, outages: [] });
  return path;
}

function asker() {
  const asked: [number, number][] = [];
  return {
    asked,
    ask: async (sinceMs: number, limit: number) => {
      asked.push([sinceMs, limit]);
      return { ids: new Uint8Array(16), completeSinceMs: 0 };
    },
  };
}

describe("readStart", () => {
  it("asks the store for what the first stream can bring again, and for no more", async () => {
    const clock = createManualClock();
    const now = clock.now();
    const file = await stateFile(
      { a: { agoMs: 3 * HOUR }, b: { agoMs: 5 * MIN }, c: { agoMs: 4 * MIN } },
      now,
    );
    const { asked, ask } = asker();
    const input = await readStart({ target, stateFile: file }, ask, clock, () => {});
    expect(asked).toEqual([[now - 5 * MIN - 30_000 - 10_000, 1_572_864]]);
    expect(input.seed?.completeSinceMs).toBe(asked[0]![0]);
    expect(input.saved?.watermarks.size).toBe(3);
  });

  it("asks for the backfill on the first start", async () => {
    const clock = createManualClock();
    const { asked, ask } = asker();
    await readStart({ target, tuning: { backfillMs: HOUR } }, ask, clock, () => {});
    expect(asked[0]![0]).toBe(clock.now() - HOUR - 40_000);
  });

  it("R22: does not wait for ever for a store that is away, and then reads nothing twice", async () => {
    const clock = createManualClock();
    const notices: DropscopeError[] = [];
    const start = readStart(
      { target },
      () => new Promise(() => {}),
      clock,
      (n) => notices.push(n),
    );
    await clock.pass(15_000);
    expect((await start).seed).toEqual({ ids: new Uint8Array(0), completeSinceMs: clock.now() });
    expect(notices.map((notice) => notice.code)).toEqual(["INGEST_UNSEEDED"]);
    const failing = await readStart(
      { target },
      () => Promise.reject(new Error("x")),
      clock,
      () => {},
    );
    expect(failing.seed?.completeSinceMs).toBe(clock.now());
  });

  it("redacts unless told otherwise", async () => {
    const clock = createManualClock();
    const redact = async (config: object) =>
      (await readStart({ target, ...config }, undefined, clock, () => {})).redact;
    expect(await redact({})).toEqual({});
    expect(await redact({ redact: false })).toBe(false);
    expect(await redact({ redact: { headers: ["x-id"] } })).toEqual({ headers: ["x-id"] });
  });
});
