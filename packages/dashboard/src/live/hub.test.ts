import {
  type ApiError,
  type LiveFrame,
  type LiveSnapshot,
  LOCAL_VIEWER,
  type Timeline,
} from "@dropscope/model";
import * as fc from "fast-check";
import pino from "pino";
import { Registry } from "prom-client";
import { afterEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type Limits } from "../config.js";
import { createMetrics } from "../metrics.js";
import { parseFilter } from "../query/filter.js";
import { createTestClock } from "../testing/clock.js";
import { coverageOf } from "../testing/coverage.js";
import { dropAt, flowAt } from "../testing/flows.js";
import { createMemoryReader } from "../testing/memory-reader.js";
import type { Member } from "./audience.js";
import { createHub, type Hub } from "./hub.js";

/** A browser that adds up what it is sent, as the page does. */
interface Browser extends Member {
  snapshots: LiveSnapshot[];
  frames: LiveFrame[];
  troubles: ApiError[];
  drops: number;
  flows: number;
  verdicts: Record<string, number>;
}

function total(drops: Timeline): number {
  return drops.series.flatMap((one) => one.counts).reduce((sum, count) => sum + count, 0);
}

const hubs: Hub[] = [];
afterEach(() => hubs.splice(0).forEach((hub) => hub.stop()));

function setup(limits: Partial<Limits> = {}) {
  const clock = createTestClock();
  const reader = createMemoryReader(() => clock.now());
  const rooms = new Map<string, Browser[]>();
  const registry = new Registry();
  const hub = createHub({
    reader,
    clock,
    coverage: () => coverageOf({ now: clock.now(), store: { waiting: 77 } }),
    limits: { ...DEFAULT_LIMITS, ...limits },
    metrics: createMetrics(registry),
    logger: pino({ level: "silent" }),
    broadcastTo: (room) => (event, data, except) => {
      for (const browser of rooms.get(room) ?? []) {
        if (!except.includes(browser.id)) browser.send(event, ...([data] as never));
      }
    },
  });
  hubs.push(hub);
  let ids = 0;

  function open(line = "", viewer = LOCAL_VIEWER): Browser & { room: string } {
    const seat = hub.open(viewer, parseFilter(line));
    const browser = createBrowser(String((ids += 1)));
    rooms.set(seat.room, [...(rooms.get(seat.room) ?? []), browser]);
    seat.take(browser);
    return Object.assign(browser, { room: seat.room });
  }

  return { clock, reader, hub, open, rooms, registry };
}

function createBrowser(id: string): Browser {
  const browser: Browser = {
    id,
    snapshots: [],
    frames: [],
    troubles: [],
    drops: 0,
    flows: 0,
    verdicts: {},
    backlog: () => "clear",
    cut: () => {},
    send(event, ...data) {
      if (event === "trouble") browser.troubles.push(data[0] as ApiError);
      if (event === "snapshot") {
        const snapshot = data[0] as LiveSnapshot;
        browser.snapshots.push(snapshot);
        browser.drops = total(snapshot.drops);
        browser.flows = snapshot.flows.length;
        browser.verdicts = Object.fromEntries(snapshot.verdicts.map((v) => [v.verdict, v.count]));
      }
      if (event === "frame") {
        const frame = data[0] as LiveFrame;
        browser.frames.push(frame);
        for (const [, , count] of frame.drops) browser.drops += count;
        browser.flows += frame.flows.length + frame.more;
        if (frame.verdicts !== undefined) {
          browser.verdicts = Object.fromEntries(frame.verdicts.map((v) => [v.verdict, v.count]));
        }
      }
    },
  };
  return browser;
}

const many = (count: number, make: (index: number) => ReturnType<typeof dropAt>) =>
  Array.from({ length: count }, (_, index) => make(index));

describe("a live room", () => {
  test("starts with what is stored and goes on with what lands", async () => {
    const { clock, reader, open } = setup();
    reader.land([...many(3, () => dropAt(clock.now() - 1_000)), flowAt(clock.now() - 500)]);
    const browser = open();
    await clock.pass(300);
    expect(browser.snapshots).toHaveLength(1);
    expect(browser).toMatchObject({ drops: 3, flows: 4, verdicts: { DROPPED: 3, FORWARDED: 1 } });
    reader.land([dropAt(clock.now()), flowAt(clock.now())]);
    await clock.pass(300);
    expect(browser).toMatchObject({ drops: 4, flows: 6, verdicts: { DROPPED: 4, FORWARDED: 2 } });
    await clock.pass(3_000);
    expect(browser.verdicts).toEqual({ DROPPED: 4, FORWARDED: 2 });
    expect(browser.frames.some((frame) => frame.edges?.[0]?.count === 4)).toBe(true);
    expect(browser.snapshots).toHaveLength(1);
  });

  test("a filter is honoured in picture and frames", async () => {
    const { clock, reader, open } = setup();
    reader.land([dropAt(clock.now()), flowAt(clock.now())]);
    const browser = open("--verdict DROPPED");
    await clock.pass(300);
    reader.land([dropAt(clock.now()), flowAt(clock.now())]);
    await clock.pass(300);
    expect(browser).toMatchObject({ drops: 2, flows: 2, verdicts: { DROPPED: 2 } });
  });

  test("what only explanations tell comes once they are there, and each flow once", async () => {
    const { clock, reader, open } = setup();
    const problem = "00000000000000aa";
    const explain = (...flows: ReturnType<typeof dropAt>[]): void => {
      for (const { uuid = "" } of flows) reader.stories.set(uuid, { problem, policies: [] });
    };
    const uuid = (): { uuid: string } => ({ uuid: crypto.randomUUID() });
    const [first, late, never] = [
      dropAt(clock.now(), uuid()),
      dropAt(clock.now(), uuid()),
      dropAt(clock.now(), uuid()),
    ];
    reader.land([first, never]);
    explain(first);
    const browser = open(`--problem ${problem}`);
    await clock.pass(300);
    expect(browser).toMatchObject({ drops: 1, flows: 1, verdicts: { DROPPED: 1 } });
    // It lands, and nobody knows yet what it belongs to.
    reader.land([late]);
    await clock.pass(3_000);
    expect(browser).toMatchObject({ drops: 1, flows: 1 });
    explain(late);
    await clock.pass(3_000);
    expect(browser).toMatchObject({ drops: 2, flows: 2, verdicts: { DROPPED: 2 } });
    expect(browser.frames.at(-1)).toBeDefined();
    await clock.pass(20_000);
    expect(browser).toMatchObject({ drops: 2, flows: 2, verdicts: { DROPPED: 2 } });
    expect(browser.snapshots).toHaveLength(1);
    // While nothing lands it is asked rarely.
    await clock.pass(60_000);
    const before = reader.calls.get("page") ?? 0;
    await clock.pass(60_000);
    expect((reader.calls.get("page") ?? 0) - before).toBeLessThanOrEqual(5);
  });

  test("equal questions share one room and its queries; a late browser gets the same picture", async () => {
    const { clock, reader, open } = setup();
    reader.land([dropAt(clock.now())]);
    const first = open("--verdict DROPPED --verdict AUDIT");
    await clock.pass(300);
    reader.land([dropAt(clock.now())]);
    await clock.pass(300);
    const built = reader.calls.get("page");
    const second = open("--verdict AUDIT --verdict DROPPED");
    expect(second.room).toBe(first.room);
    expect(second).toMatchObject({ drops: 2, flows: 2 });
    reader.land([dropAt(clock.now())]);
    await clock.pass(300);
    expect([first.drops, second.drops]).toEqual([3, 3]);
    expect(reader.calls.get("page")).toBe(built);
  });

  test("S13: viewers of other rights are never in the same room", async () => {
    const { clock, reader, open } = setup();
    const scoped = { name: "b", namespaces: ["web"], seesL7: true };
    const rooms = [
      open("", LOCAL_VIEWER),
      open("", { ...LOCAL_VIEWER, seesL7: false }),
      open("", scoped),
      open("", { ...scoped, namespaces: ["web", "payments"] }),
    ].map((browser) => browser.room);
    expect(new Set(rooms).size).toBe(4);
    expect(open("", { ...scoped, name: "c" }).room).toBe(rooms[2]);
    reader.land([
      dropAt(clock.now(), { source: { namespace: "x" }, destination: { namespace: "y" } }),
    ]);
    const outsider = open("", scoped);
    await clock.pass(500);
    expect(outsider.flows).toBe(0);
  });

  test("at most four frames a second, coverage each second, nothing when nobody looks", async () => {
    const { clock, reader, open, hub } = setup();
    const browser = open();
    await clock.pass(300);
    for (let n = 0; n < 100; n++) {
      reader.land([flowAt(clock.now())]);
      await clock.pass(50);
    }
    expect(browser.frames.length).toBeGreaterThan(15);
    expect(browser.frames.length).toBeLessThanOrEqual(21);
    const seqs = browser.frames.map((frame) => frame.seq);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    expect(browser.frames.filter((frame) => frame.coverage).length).toBeGreaterThanOrEqual(4);
    hub.leave(browser.room, browser.id);
    await clock.pass(15_000);
    const asked = reader.calls.get("tail");
    await clock.pass(60_000);
    expect(reader.calls.get("tail")).toBe(asked);
  });

  test("200 rows a frame; the rest is counted", async () => {
    const { clock, reader, open } = setup();
    const browser = open();
    await clock.pass(300);
    reader.land(many(450, (n) => flowAt(clock.now() - n)));
    await clock.pass(300);
    const frame = browser.frames.find((one) => one.flows.length > 0);
    expect(frame).toMatchObject({ more: 250 });
    expect(frame?.flows).toHaveLength(200);
  });

  test("flows of years ago do not disturb the last 15 minutes", async () => {
    const { clock, reader, open } = setup();
    reader.land([dropAt(clock.now())]);
    const browser = open();
    await clock.pass(300);
    reader.land([
      dropAt(Date.parse("2021-06-01T00:00:00Z")),
      flowAt(Date.parse("2021-06-01T00:00:00Z")),
    ]);
    await clock.pass(5_000);
    expect(browser).toMatchObject({ drops: 1, verdicts: { DROPPED: 1 }, flows: 3 });
  });

  test("verdicts of flows that slid out of the window go", async () => {
    const { clock, reader, open } = setup();
    reader.land(many(5, () => dropAt(clock.now())));
    const browser = open();
    await clock.pass(300);
    expect(browser.verdicts).toEqual({ DROPPED: 5 });
    await clock.pass(16 * 60_000);
    expect(browser.verdicts).toEqual({});
  });

  test("a new gap reaches the chart (R10)", async () => {
    const { clock, reader, open } = setup();
    const browser = open();
    await clock.pass(300);
    reader.addGap({
      time: new Date(clock.now()).toISOString(),
      node: "n",
      cause: "hubble-ring",
      count: 9,
    });
    await clock.pass(20_000);
    const told = browser.frames.filter((frame) => frame.gaps !== undefined);
    expect(told.map((frame) => frame.gaps?.[0]?.count)).toEqual([9]);
  });

  test.each([
    ["at once when its batch lands", true, 1],
    ["later when nothing lands", false, 0],
  ])("a gap that comes without flows is shown %s", async (_, lands, frames) => {
    const { clock, reader, open } = setup();
    const browser = open("--to-port 1");
    await clock.pass(300);
    const time = new Date(clock.now()).toISOString();
    reader.addGap({ time, node: "n", cause: "node-unavailable", count: 0, from: time });
    if (lands) reader.land([]);
    await clock.pass(5_000);
    expect(browser.frames.filter((frame) => frame.gaps !== undefined)).toHaveLength(frames);
  });

  test("too many different views are refused with advice; an empty one makes place", async () => {
    const { open, hub } = setup({ rooms: 2 });
    const first = open("--to-port 1");
    open("--to-port 2");
    expect(() => open("--to-port 3")).toThrow(expect.objectContaining({ code: "TOO_MANY_VIEWS" }));
    expect(open("--to-port 2").room).toBeTruthy();
    hub.leave(first.room, first.id);
    expect(() => open("--to-port 3")).not.toThrow();
  });
});

describe("counted exactly once", () => {
  /** Lands a batch whenever a query of the given name runs, before it reads. */
  const spots = ["end", "drops", "verdicts", "edges", "page", "tail", "landed"] as const;

  test.each(spots)("a batch that lands during `%s`", async (spot) => {
    const { clock, reader, open } = setup();
    reader.land(many(10, () => dropAt(clock.now())));
    let landed = 10;
    let left = 5;
    reader.before = (call) => {
      if (call !== spot || left === 0) return;
      left -= 1;
      reader.land(many(7, () => dropAt(clock.now())));
      landed += 7;
    };
    const browser = open();
    for (let turn = 0; turn < 40; turn++) {
      await clock.pass(250);
      if (turn % 10 === 0) {
        reader.land([dropAt(clock.now())]);
        landed += 1;
      }
    }
    reader.before = undefined;
    await clock.pass(3_000);
    expect(browser.drops).toBe(landed);
    expect(browser.flows).toBe(landed);
    expect(browser.verdicts).toEqual({ DROPPED: landed });
  });

  test("negative control: a picture that is not bounded by the cursor counts twice", async () => {
    const { clock, reader, open } = setup();
    const page = reader.page.bind(reader);
    reader.page = ({ asOf: _unbounded, ...query }, signal) => page(query, signal);
    reader.before = (call) => {
      if (call === "page") reader.land([dropAt(clock.now())]);
    };
    const browser = open();
    await clock.pass(2_000);
    expect(browser.flows).toBe(2);
  });

  test("a denied packet whose two events come in two batches is one drop", async () => {
    const { clock, reader, open } = setup();
    const verdict = () => dropAt(clock.now(), { event_type: { type: 5 } });
    reader.land([verdict(), verdict(), dropAt(clock.now())]);
    const browser = open();
    await clock.pass(300);
    expect(browser.drops).toBe(2);
    const at = clock.now();
    reader.land([verdict(), verdict()]);
    await clock.pass(250);
    reader.land([dropAt(at), dropAt(at), dropAt(at)]);
    await clock.pass(300);
    const sameSecond = Math.floor(at / 1_000) === Math.floor((at - 300) / 1_000);
    expect(browser.drops).toBe(sameSecond ? 4 : 5);
    expect(browser.flows).toBe(8);
  });

  test("a batch that is written but not committed waits for its commit", async () => {
    const { clock, reader, open } = setup();
    const batch = reader.write(many(4, () => dropAt(clock.now())));
    const browser = open();
    await clock.pass(1_000);
    expect(browser.drops).toBe(0);
    reader.commit(batch);
    await clock.pass(300);
    expect(browser.drops).toBe(4);
    await clock.pass(5_000);
    expect(browser).toMatchObject({ drops: 4, flows: 4, verdicts: { DROPPED: 4 } });
  });

  test("any order of landing, committing, failing, joining and waiting", async () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant("land" as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constant("write" as const), count: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ do: fc.constantFrom("commit", "join", "fail", "heal", "slow", "quick") }),
      fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
        const { clock, reader, open } = setup();
        const uncommitted: ReturnType<typeof reader.write>[] = [];
        const browsers = [open()];
        let expected = 0;
        for (const step of actions) {
          const drops = "count" in step ? many(step.count, () => dropAt(clock.now())) : [];
          if (step.do === "land") reader.land(drops);
          if (step.do === "write") uncommitted.push(reader.write(drops));
          expected += drops.length;
          if (step.do === "commit")
            uncommitted.splice(0, 1).forEach((batch) => reader.commit(batch));
          if (step.do === "join") browsers.push(open());
          if (step.do === "fail") reader.fault = new Error("store down");
          if (step.do === "heal") reader.fault = undefined;
          if (step.do === "slow")
            reader.before = () => new Promise((resolve) => void clock.after(400, resolve));
          if (step.do === "quick") reader.before = undefined;
          if ("ms" in step) await clock.pass(step.ms);
        }
        reader.fault = undefined;
        reader.before = undefined;
        for (const batch of uncommitted) reader.commit(batch);
        await clock.pass(30_000);
        for (const browser of browsers) {
          expect(browser.drops).toBe(expected);
          expect(browser.verdicts).toEqual(expected === 0 ? {} : { DROPPED: expected });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("when the store goes away", () => {
  test("trouble once, then a fresh picture that misses nothing", async () => {
    const { clock, reader, open } = setup();
    reader.land([dropAt(clock.now())]);
    const browser = open();
    await clock.pass(300);
    reader.fault = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    await clock.pass(60_000);
    expect(browser.troubles).toHaveLength(1);
    expect(browser.troubles[0]).toMatchObject({ code: "STORE_DOWN" });
    expect(browser.troubles[0]?.message).toContain("77 flows wait");
    const asked = (reader.calls.get("end") ?? 0) + (reader.calls.get("tail") ?? 0);
    expect(asked).toBeLessThan(30);
    reader.land([dropAt(clock.now())]);
    reader.fault = undefined;
    reader.land([dropAt(clock.now())]);
    await clock.pass(10_000);
    expect(browser.snapshots).toHaveLength(2);
    expect(browser.drops).toBe(3);
  });

  test("away from the start: who joins is told, and gets a picture when it is there", async () => {
    const { clock, reader, open } = setup();
    reader.fault = new Error("not yet");
    const early = open();
    await clock.pass(1_000);
    const late = open();
    expect([early.troubles.length, late.troubles.length]).toEqual([1, 1]);
    reader.fault = undefined;
    await clock.pass(10_000);
    expect([early.snapshots.length, late.snapshots.length]).toEqual([1, 1]);
  });

  test("a store that says nothing at all counts as gone", async () => {
    const { clock, reader, open } = setup();
    const browser = open();
    await clock.pass(300);
    reader.before = (call) => (call === "tail" ? new Promise(() => {}) : undefined);
    await clock.pass(20_000);
    expect(browser.troubles[0]?.code).toBe("STORE_DOWN");
    reader.before = undefined;
    await clock.pass(10_000);
    expect(browser.snapshots).toHaveLength(2);
  });

  test("one view that the store refuses leaves the others alone", async () => {
    const { clock, reader, open } = setup();
    const landed = reader.landed.bind(reader);
    reader.landed = async (batches, query, signal) => {
      if (query.selection.allow.length > 0) throw new Error("no");
      return landed(batches, query, signal);
    };
    const good = open();
    const bad = open("--to-port 8080");
    await clock.pass(300);
    for (let n = 0; n < 20; n++) {
      reader.land([dropAt(clock.now())]);
      await clock.pass(250);
    }
    expect(good.drops).toBe(20);
    expect(good.troubles).toEqual([]);
    expect(bad.troubles.length).toBeGreaterThan(0);
  });
});
