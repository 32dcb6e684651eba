import type { Gap } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { imbalance } from "./books.js";
import { createDecoder } from "./decode/index.js";
import { createFeed, type FeedOptions } from "./feed.js";
import { LostEventSource, NodeState } from "@dropscope/hubble";
import { createRecentIds } from "./recent-ids.js";
import { createManualClock, settle } from "./testing/clock.js";
import { createMemoryDoor } from "./testing/memory-door.js";
import { flowBytes, lostBytes, nodeStatusBytes, uuidOf } from "./testing/mint.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ns = (ms: number) => BigInt(ms) * 1_000_000n;
const DAY = 86_400_000;

function setUp(options: Partial<FeedOptions<number>> & { capacity?: number } = {}) {
  const clock = createManualClock(NOW);
  const door = createMemoryDoor();
  const gaps: Gap[] = [];
  const { capacity, ...more } = options;
  const feed = createFeed<number>({
    door,
    clock,
    decoder: createDecoder(capacity === undefined ? {} : { capacity }),
    recentIds: createRecentIds({ maxBytes: 1 << 20 }),
    onGap: (gap) => gaps.push(gap),
    ...more,
  });
  let n = 0;
  const flow = (atMs = NOW) => flowBytes({ node: "n1", timeNs: ns(atMs), uuid: uuidOf(n++) });
  return { clock, door, feed, gaps, flow };
}

const lost = (i: number, more: object = {}) =>
  lostBytes({
    node: "n1",
    timeNs: ns(NOW) + BigInt(i),
    source: LostEventSource.HUBBLE_RING_BUFFER,
    count: 1,
    ...more,
  });

describe("feed", () => {
  it("seals a batch half a second after its first row", async () => {
    const { clock, door, feed, flow } = setUp();
    feed.push(flow());
    await clock.pass(300);
    feed.push(flow());
    await clock.pass(199);
    expect(door.batches).toHaveLength(0);
    await clock.pass(1);
    expect(door.batches.map((batch) => batch.flows)).toEqual([2]);
    await clock.pass(5_000);
    expect(door.batches).toHaveLength(1);
  });

  it("seals a batch that is full at once, and keeps the row that did not fit", async () => {
    const { door, feed, flow } = setUp({ capacity: 10 });
    for (let i = 0; i < 25; i++) feed.push(flow());
    await settle();
    expect(door.batches.map((batch) => batch.flows)).toEqual([10, 10]);
    await feed.flush();
    expect(door.batches.map((batch) => batch.flows)).toEqual([10, 10, 5]);
  });

  it("never lets a batch touch more than eight days", async () => {
    const { door, feed, flow } = setUp();
    for (let day = 0; day < 30; day++) feed.push(flow(NOW - day * DAY));
    await feed.flush();
    for (const batch of door.batches)
      expect(Number(batch.maxTimeNs - batch.minTimeNs) / 1e6 / DAY).toBeLessThanOrEqual(7);
    expect(door.flows).toBe(30);
  });

  it("keeps books that balance at every step", async () => {
    const { door, feed, flow } = setUp({ capacity: 4 });
    door.hold();
    const one = flow();
    const messages = [
      one,
      one,
      flow(),
      Uint8Array.of(0xff, 0xff),
      lost(1),
      nodeStatusBytes(NodeState.NODE_CONNECTED, ["n1"]),
      new Uint8Array(0),
      ...Array.from({ length: 9 }, () => flow()),
    ];
    const taken = messages.map((bytes) => {
      const kind = feed.push(bytes);
      expect(imbalance(feed.books())).toBe(0);
      return kind;
    });
    expect(taken.slice(0, 7)).toEqual([
      "flow",
      "repeat",
      "flow",
      "rejected",
      "lost",
      "status",
      "other",
    ]);
    door.release();
    await feed.flush();
    const books = feed.books();
    expect(imbalance(books)).toBe(0);
    expect(books).toMatchObject({
      read: 13,
      repeats: 1,
      rejected: 1,
      open: 0,
      sealed: 11,
      other: 2,
    });
    expect(Object.values(books.rejectedBy)).toEqual([1]);
  });

  it("gives the gaps their place among the blocks, also in a batch without flows", async () => {
    const { door, feed, flow } = setUp();
    feed.push(lost(1));
    await feed.flush();
    feed.push(flow());
    feed.push(lost(2));
    await feed.flush();
    expect(door.batches.map((batch) => batch.blocks.map((block) => block.table))).toEqual([
      ["gaps"],
      ["identities", "gaps", "flows"],
    ]);
    expect(door.batches[0]).toMatchObject({ flows: 0, minTimeNs: 0n, maxTimeNs: 0n });
  });

  it("sums the one-by-one losses of old agents for a live source, and keeps each for a file", async () => {
    for (const live of [true, false]) {
      const { feed, gaps } = setUp({ live });
      for (let i = 0; i < 1_000; i++) feed.push(lost(i));
      feed.push(lost(5_000, { firstNs: ns(NOW), lastNs: ns(NOW) + 3n, count: 4 }));
      await feed.flush();
      expect(gaps).toHaveLength(live ? 2 : 1_001);
      expect(gaps.reduce((sum, gap) => sum + gap.count, 0)).toBe(1_004);
      expect(feed.books().lost).toBe(1_004);
    }
  });

  it("counts a loss that is replayed once", async () => {
    const { feed, gaps } = setUp({ live: true });
    const perf = lost(1, { source: LostEventSource.PERF_EVENT_RING_BUFFER, cpu: 3, count: 9 });
    expect([feed.push(perf), feed.push(perf)]).toEqual(["lost", "repeat"]);
    expect(gaps).toMatchObject([{ cause: "perf-ring", count: 9, cpu: 3 }]);
  });

  it("gives a mark back only when its batch is sealed", async () => {
    let mark = 0;
    const sealed: number[] = [];
    const { door, feed, flow } = setUp({
      capacity: 1,
      mark: () => mark++,
      onSealed: (_batch, given) => sealed.push(given),
    });
    door.hold();
    for (let i = 0; i < 4; i++) feed.push(flow());
    await settle();
    expect([mark, sealed]).toEqual([3, []]);
    door.release();
    await feed.flush();
    expect(sealed).toEqual([0, 1, 2, 3]);
  });

  it("asks for a pause at three unacknowledged batches, and for none after", async () => {
    const { door, feed, flow } = setUp({ capacity: 1 });
    door.hold();
    for (let i = 0; i < 3; i++) feed.push(flow());
    expect(feed.room()).toBeUndefined();
    feed.push(flow());
    const room = feed.room();
    expect(room).toBeInstanceOf(Promise);
    door.release();
    await room;
    await feed.flush();
    expect(feed.room()).toBeUndefined();
    expect(door.flows).toBe(4);
  });

  it("does not cut small batches while too many wait already", async () => {
    const { clock, door, feed, flow } = setUp({ maxUnacked: 1 });
    door.hold();
    feed.push(flow());
    await clock.pass(500);
    for (let i = 0; i < 5; i++) {
      feed.push(flow());
      await clock.pass(600);
    }
    door.release();
    await settle();
    await clock.pass(600);
    expect(door.batches.map((batch) => batch.flows)).toEqual([1, 5]);
  });

  it("tells a full spool as a gap when the source cannot wait, and not when it can", async () => {
    for (const live of [true, false]) {
      const { clock, door, feed, gaps, flow } = setUp({ live, maxUnacked: 1 });
      door.fill();
      feed.push(flow());
      await clock.pass(750);
      expect(feed.room()).toBeInstanceOf(Promise);
      await clock.pass(3_000);
      door.free();
      await feed.flush();
      expect(gaps.map((gap) => gap.cause)).toEqual(live ? ["spool-full"] : []);
    }
  });

  it("ends a flush with the door's error when the door has failed for good", async () => {
    const { clock, door, feed, flow } = setUp();
    door.breakFor(100);
    feed.push(flow());
    const flush = feed.flush();
    const failed = expect(flush).rejects.toMatchObject({ code: "SPOOL_IO" });
    await settle();
    await clock.pass(60_000);
    await failed;
  });
});
