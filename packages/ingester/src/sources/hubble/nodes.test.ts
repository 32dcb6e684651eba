import { describe, expect, it } from "vitest";
import { createContinuity } from "./continuity.js";
import { createOutages } from "./node-status.js";
import { resumeFrom } from "./resume.js";
import { createSilence } from "./silence.js";
import { ACTIVE_MS, createWatermarks } from "./watermarks.js";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const ns = (ms: number) => BigInt(ms) * 1_000_000n;
const iso = (ms: number) => new Date(ms).toISOString().replace("Z", "000000Z");

describe("watermarks", () => {
  it("keep the newest time of each node, and expect those heard lately", () => {
    const marks = createWatermarks();
    marks.see("a", ns(NOW - 5), NOW - ACTIVE_MS - 1);
    marks.see("b", ns(NOW - 3), NOW);
    marks.see("b", ns(NOW - 9), NOW);
    expect(marks.expected(new Set())).toEqual([["b", ns(NOW - 3)]]);
    expect(marks.expected(new Set(["a"])).map(([node]) => node)).toEqual(["a", "b"]);
  });

  it("do not follow a clock that runs ahead, and ignore flows without a time", () => {
    const marks = createWatermarks();
    marks.see("a", ns(NOW + 3_600_000), NOW);
    marks.see("b", 0n, NOW);
    expect(marks.of("a")?.newestNs).toBe(ns(NOW));
    expect(marks.of("b")).toBeUndefined();
  });

  it("forget a node that left a day ago", () => {
    const marks = createWatermarks();
    marks.see("gone", ns(NOW), NOW);
    marks.see("here", ns(NOW), NOW + 25 * 3_600_000);
    expect([...marks.snapshot().keys()]).toEqual(["here"]);
  });
});

describe("resumeFrom", () => {
  const plan = { horizonMs: 0, nowMs: NOW, overlapMs: 30_000, backfillMs: 600_000 };

  it("starts the overlap before the oldest watermark", () => {
    expect(resumeFrom({ ...plan, oldestNs: ns(NOW - 1_000) })).toBe(ns(NOW - 31_000));
  });

  it("asks for the backfill on the first start", () => {
    expect(resumeFrom({ ...plan, oldestNs: undefined })).toBe(ns(NOW - 600_000));
  });

  it("asks for nothing from before the time that the memory of ids covers", () => {
    const horizonMs = NOW - 20_000;
    expect(resumeFrom({ ...plan, horizonMs, oldestNs: ns(NOW - 1_000) })).toBe(ns(NOW - 10_000));
    expect(resumeFrom({ ...plan, horizonMs: NOW, oldestNs: ns(NOW) })).toBe(ns(NOW));
  });
});

describe("continuity", () => {
  const begun = (sinceMs = NOW - 30_000, lastMs = NOW) => {
    const continuity = createContinuity();
    continuity.begin(ns(sinceMs), [["n", ns(lastMs)]], NOW);
    return continuity;
  };

  it("is proved by one known flow", () => {
    const continuity = begun();
    expect(continuity.see("n", ns(NOW - 10), true, NOW)).toBeUndefined();
    expect(continuity.pending).toBe(0);
  });

  it("is proved by a flow from just after since: the ring reaches back", () => {
    const continuity = begun();
    continuity.see("n", ns(NOW - 29_500), false, NOW);
    expect(continuity.pending).toBe(0);
  });

  it("is broken when only new flows come, and says from when to when", () => {
    const continuity = begun();
    expect(continuity.see("n", ns(NOW + 900), false, NOW)).toBeUndefined();
    expect(continuity.see("n", ns(NOW + 700), false, NOW)).toBeUndefined();
    expect(continuity.check(NOW + 1_000)).toEqual([]);
    expect(continuity.check(NOW + 2_000)).toMatchObject([
      { node: "n", cause: "ring-wrapped", count: 0, from: iso(NOW), to: iso(NOW + 700) },
    ]);
    expect(continuity.check(NOW + 9_000)).toEqual([]);
  });

  it("does not wait for a busy node", () => {
    const continuity = begun();
    const gaps = Array.from({ length: 64 }, (_, i) =>
      continuity.see("n", ns(NOW + 100 + i), false, NOW),
    ).filter((gap) => gap !== undefined);
    expect(gaps).toMatchObject([{ to: iso(NOW + 100) }]);
  });

  it("lets relay put a few new flows before the known ones", () => {
    const continuity = begun();
    continuity.see("n", ns(NOW + 5), false, NOW);
    continuity.see("n", ns(NOW - 5), true, NOW);
    expect(continuity.check(NOW + 60_000)).toEqual([]);
  });

  it("takes a flow that relay's buffer had kept for no proof either way", () => {
    const continuity = begun();
    continuity.see("n", ns(NOW - 5), false, NOW);
    expect(continuity.pending).toBe(1);
    expect(continuity.check(NOW + 60_000)).toEqual([]);
  });

  it("settles what the last stream left open before its flows become known ones", () => {
    const continuity = begun();
    continuity.see("n", ns(NOW + 500), false, NOW);
    const gaps = continuity.begin(ns(NOW - 29_000), [["n", ns(NOW + 500)]], NOW + 100);
    expect(gaps).toMatchObject([{ from: iso(NOW), to: iso(NOW + 500) }]);
  });

  it("cannot be proved when the stream had to start after the last flow", () => {
    const continuity = begun(NOW + 5_000);
    continuity.see("n", ns(NOW + 5_100), false, NOW);
    expect(continuity.check(NOW + 2_000)).toMatchObject([{ from: iso(NOW), to: iso(NOW + 5_100) }]);
  });
});

describe("outages", () => {
  const failed = { state: 4, nodeNames: ["n"], message: "connection refused" };

  it("are told once when they begin and once when flows come again", () => {
    const outages = createOutages();
    const newest = () => ns(NOW - 50);
    expect(outages.status(failed, newest, NOW)).toMatchObject([
      { node: "n", cause: "node-error", from: iso(NOW - 50), message: "connection refused" },
    ]);
    expect(outages.status(failed, newest, NOW)).toEqual([]);
    expect(outages.status({ ...failed, state: 2 }, newest, NOW)).toEqual([]);
    expect(outages.see("n", ns(NOW + 7_000), false, NOW + 7_000)).toMatchObject({
      cause: "node-error",
      from: iso(NOW - 50),
      to: iso(NOW + 7_000),
    });
    expect(outages.see("n", ns(NOW + 8_000), false, NOW)).toBeUndefined();
  });

  it("end without a loss when the first flow is a known one", () => {
    const outages = createOutages();
    outages.status(failed, () => ns(NOW - 50), NOW);
    expect(outages.see("n", ns(NOW - 900), true, NOW)).toMatchObject({
      from: iso(NOW - 50),
      to: iso(NOW - 50),
    });
  });

  it("are not ended by NODE_CONNECTED, nor by stragglers that relay sent before", () => {
    const outages = createOutages();
    outages.status(failed, () => undefined, NOW);
    outages.status({ state: 1, nodeNames: ["n", "m"], message: "" }, () => undefined, NOW);
    expect(outages.see("n", ns(NOW - 3_000), false, NOW)).toBeUndefined();
    expect([outages.size, outages.connected]).toEqual([1, 1]);
  });

  it("name NODE_UNAVAILABLE and NODE_GONE, and ignore states of a newer relay", () => {
    const outages = createOutages();
    const of = (state: number, node: string) =>
      outages.status({ state, nodeNames: [node], message: "" }, () => undefined, NOW);
    expect(of(2, "a")).toMatchObject([{ cause: "node-unavailable" }]);
    expect(of(3, "b")).toMatchObject([{ cause: "node-error", message: "The node has left." }]);
    expect(of(9, "c")).toEqual([]);
    expect(of(0, "d")).toEqual([]);
  });

  it("survive a restart, and are expected back for an hour", () => {
    const before = createOutages();
    before.status(failed, () => ns(NOW), NOW);
    const after = createOutages(before.list());
    expect(after.expectedBack(NOW + 60_000)).toEqual(new Set(["n"]));
    expect(after.expectedBack(NOW + 3_700_000)).toEqual(new Set());
    expect(after.see("n", ns(NOW + 9_000), false, NOW + 9_000)).toMatchObject({ from: iso(NOW) });
  });
});

describe("silence", () => {
  const talk = (silence: ReturnType<typeof createSilence>, node: string, to: number) => {
    for (let at = NOW; at <= to; at += 100) silence.see(node, at);
  };

  it("is found while others talk, once", () => {
    const silence = createSilence(60_000);
    talk(silence, "quiet", NOW + 10_000);
    talk(silence, "busy", NOW + 80_000);
    expect(silence.check(NOW + 69_000)).toEqual([]);
    expect(silence.check(NOW + 80_000)).toEqual(["quiet"]);
    expect(silence.check(NOW + 81_000)).toEqual([]);
  });

  it("of all is not the silence of one", () => {
    const silence = createSilence(60_000);
    talk(silence, "a", NOW + 10_000);
    talk(silence, "b", NOW + 10_000);
    expect(silence.check(NOW + 600_000)).toEqual([]);
    expect(silence.allFor(NOW + 600_000)).toBe(590_000);
  });

  it("is judged by the node's own habit", () => {
    const silence = createSilence(60_000);
    for (let i = 0; i < 40; i++) silence.see("slow", NOW + i * 20_000);
    const end = NOW + 39 * 20_000;
    silence.see("busy", end + 120_000);
    expect(silence.check(end + 120_000)).toEqual([]);
    silence.see("busy", end + 700_000);
    expect(silence.check(end + 700_000)).toEqual(["slow"]);
  });

  it("is excused for longer each time that the node proves to be merely quiet", () => {
    const silence = createSilence(60_000);
    talk(silence, "n", NOW + 5_000);
    silence.see("busy", NOW + 70_000);
    expect(silence.check(NOW + 70_000)).toEqual(["n"]);
    silence.begin(NOW + 70_000);
    silence.see("n", NOW + 71_000);
    silence.see("busy", NOW + 150_000);
    expect(silence.check(NOW + 150_000)).toEqual([]);
  });
});
