import type { Clock } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { createCoverage, type SourceView } from "./coverage.js";

/** A clock that stands until it is moved. */
function standingClock(startMs: number) {
  let now = startMs;
  let pending: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const entry = { at: now + ms, run };
      pending.push(entry);
      return () => {
        pending = pending.filter((one) => one !== entry);
      };
    },
  } as Clock;
  return {
    clock,
    waiting: () => pending.length,
    advance: async (ms: number): Promise<void> => {
      now += ms;
      const due = pending.filter(({ at }) => at <= now);
      pending = pending.filter(({ at }) => at > now);
      for (const { run } of due) run();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const startMs = Date.parse("2026-11-22T12:00:00Z");
type Totals = Parameters<typeof createCoverage>[0]["reader"]["totals"];
const ok = { state: "ok", message: "", waiting: 0, quarantined: 0 } as const;

function setUp(source?: SourceView) {
  const time = standingClock(startMs);
  let flows = 0;
  let fails = false;
  const asked: bigint[] = [];
  const totals = ((sinceNs: bigint) => {
    asked.push(sinceNs);
    if (fails) return Promise.reject(new Error("down"));
    return Promise.resolve({
      flows,
      newestNs: flows === 0 ? 0n : BigInt(startMs - 2000) * 1_000_000n,
      lostRecent: 3,
      lostTotal: 7,
      nodes: ["a", "b"],
    });
  }) as unknown as Totals;
  const watch = createCoverage({
    reader: { totals },
    store: { state: () => ok },
    source: () => source,
    clock: time.clock,
  });
  return {
    ...time,
    watch,
    asked,
    land: (count: number) => (flows += count),
    fail: (now: boolean) => (fails = now),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("coverage", () => {
  test("an empty store has no lag; a store with flows is as late as its newest", async () => {
    const { watch, land, advance, asked } = setUp();
    await watch.start();
    await settled();
    expect(watch.coverage()).toMatchObject({ lagMs: -1, store: ok, source: { kind: "none" } });
    expect(asked[0]).toBe(BigInt(startMs - 15 * 60_000) * 1_000_000n);
    land(10);
    await advance(1000);
    expect(watch.coverage()).toMatchObject({
      lagMs: 3000,
      lost: { recent: 3, total: 7 },
      nodes: { connected: 2, total: 2 },
    });
    await watch.stop(0);
  });

  test("while nobody asks the store is left alone, and who asks again soon gets what is true now", async () => {
    const { watch, land, advance, asked } = setUp();
    await watch.start();
    await settled();
    watch.coverage();
    for (let second = 0; second < 10; second += 1) await advance(1000);
    expect(asked.length).toBeGreaterThan(9);
    const before = asked.length;
    for (let second = 0; second < 60; second += 1) await advance(1000);
    expect(asked.length - before).toBeLessThan(9);
    land(10);
    watch.coverage();
    await settled();
    expect(watch.coverage().lagMs).toBeGreaterThan(0);
    await watch.stop(0);
  });

  test("without a source, the rate is that of the flows that land", async () => {
    const { watch, land, advance } = setUp();
    await watch.start();
    await settled();
    land(500);
    await advance(2000);
    expect(watch.coverage().flowsPerSecond).toBe(250);
    await watch.stop(0);
  });

  test("a source speaks for itself", async () => {
    const source: SourceView = {
      kind: "relay",
      address: "relay:80",
      state: "degraded",
      message: "one node is away",
      nodes: { connected: 1, total: 2, unavailable: ["b"] },
      flowsPerSecond: 42,
    };
    const { watch } = setUp(source);
    await watch.start();
    await settled();
    const { flowsPerSecond, nodes, source: told } = watch.coverage();
    expect({ flowsPerSecond, nodes }).toEqual({ flowsPerSecond: 42, nodes: source.nodes });
    expect(told).toEqual({
      kind: "relay",
      address: "relay:80",
      state: "degraded",
      message: "one node is away",
    });
    await watch.stop(0);
  });

  test("a store that is down keeps the last totals, and is asked again", async () => {
    const { watch, land, advance, fail } = setUp();
    land(10);
    await watch.start();
    await settled();
    fail(true);
    await advance(1000);
    expect(watch.coverage()).toMatchObject({ lost: { total: 7 }, flowsPerSecond: 0 });
    fail(false);
    land(10);
    await advance(1000);
    expect(watch.coverage().flowsPerSecond).toBe(5);
    await watch.stop(0);
  });

  test("after its end it asks no more", async () => {
    const { watch, waiting } = setUp();
    await watch.start();
    await settled();
    await watch.stop(0);
    expect(waiting()).toBe(0);
  });
});
