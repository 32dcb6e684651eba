import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currentWatches, settle, turnBefore, watchedSpans } from "./settle.js";
import type { ObjectVersionRow, ObjectWatch } from "./version.js";

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const hour = (hours: number): number => hours * HOUR;

const row = (
  source: string,
  from: number,
  to: number,
  content = source,
  kind = "NetworkPolicy",
): ObjectVersionRow => ({
  kind,
  namespace: "web",
  name: "db",
  uid: source.includes(":") ? source : "u",
  from: hour(from),
  to: hour(to),
  content,
  resourceVersion: "",
  source,
});
const watch = (
  source: string,
  listedAt: number,
  until: number,
  kind = "NetworkPolicy",
): ObjectWatch => ({ source, kind, listedAt: hour(listedAt), until: hour(until) });

const shown = (rows: readonly ObjectVersionRow[]): string[] =>
  rows.map(({ from, to, content }) => `${from / HOUR}…${to / HOUR} ${content}`);

describe("what counts when", () => {
  const ALL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

  test("a watch that goes on is stronger than a history, and its guess of before is weaker", () => {
    const rows = [row("folder", ...ALL), row("git:r", 10, 20, "a"), row("git:r", 20, ALL[1], "b")];
    const watches = [watch("folder", 50, 99.9), watch("git:r", 10, 60)];
    expect(shown(settle(rows, watches, NOW))).toEqual(["10…20 a", "20…50 b", "50…Infinity folder"]);
  });

  test("a watch that ended long ago is not", () => {
    const rows = [row("folder", ...ALL), row("git:r", 10, ALL[1])];
    const watches = [watch("folder", 50, 60), watch("git:r", 10, 70)];
    expect(shown(settle(rows, watches, NOW))).toEqual([
      "10…50 git:r",
      "50…61 folder",
      "61…Infinity git:r",
    ]);
  });

  test("of what a folder says nothing counts from a history's beginning on", () => {
    const rows = [row("files:all", ...ALL), row("git:r", 10, 20)];
    const watches = [watch("files:all", -99, 60), watch("git:r", 10, 60)];
    expect(shown(settle(rows, watches, NOW))).toEqual(["-Infinity…10 files:all", "10…20 git:r"]);
  });

  test("where one takes over from another and nothing changed there is one version", () => {
    const rows = [row("folder", ...ALL, "same"), row("git:r", 10, ALL[1], "same")];
    const watches = [watch("folder", 50, 99.9), watch("git:r", 10, 60)];
    expect(shown(settle(rows, watches, NOW))).toEqual(["10…Infinity same"]);
  });

  test("other kinds are none of a history's business", () => {
    const rows = [row("folder", ...ALL, "pod", "Pod"), row("git:r", 10, 20)];
    const watches = [watch("folder", 50, 99.9, "Pod"), watch("git:r", 10, 60)];
    expect(shown(settle(rows, watches, NOW))).toEqual(["10…20 git:r", "-Infinity…Infinity pod"]);
  });

  test("control: without imports every row stays as it was told", () => {
    const rows = [row("folder", ...ALL), row("kubernetes", 3, 5)];
    expect(settle(rows, [watch("folder", 50, 60)], NOW)).toEqual(rows);
  });
});

test("a newer import of a history makes void what the former knew", () => {
  const watches = [watch("git:r", 1, 10), watch("git:r", 2, 20), watch("git:s", 1, 10)];
  expect(currentWatches(watches)).toEqual([watches[1], watches[2]]);
});

test("a source that was away for minutes has watched on", () => {
  const watches = [watch("k", 1, 2), watch("k", 2.5, 3), watch("k", 10, 99.5)];
  const spans = watchedSpans("NetworkPolicy", watches, NOW);
  expect(spans.map(({ from, to }) => [from / HOUR, to / HOUR])).toEqual([
    [1, 4],
    [10, Number.POSITIVE_INFINITY],
  ]);
  expect([0, 1, 3.9, 4, 50].map((at) => turnBefore(hour(at), watches, NOW) / HOUR)).toEqual([
    0, 1, 1, 4, 10,
  ]);
});

/** Who speaks at a moment, asked for that moment alone. */
function naive(
  rows: readonly ObjectVersionRow[],
  watches: readonly ObjectWatch[],
  at: number,
): string[] {
  const isLive = (source: string): boolean => !source.includes(":");
  const newest = (source: string): number =>
    Math.max(...watches.filter((one) => one.source === source).map(({ until }) => until));
  const imports = watches.filter((one) => !isLive(one.source) && one.until === newest(one.source));
  const isWatched = watches.some(
    ({ source, listedAt, until }) =>
      isLive(source) && listedAt <= at && (at < until + HOUR || until + HOUR >= NOW),
  );
  const hasGit = imports.some((one) => one.source.startsWith("git:") && one.listedAt <= at);
  const speaks = (source: string): boolean => {
    if (isLive(source)) return isWatched || imports.length === 0;
    if (isWatched) return false;
    return source.startsWith("git:") || !hasGit;
  };
  return rows
    .filter(({ source, from, to }) => from <= at && at < to && speaks(source))
    .map(({ content }) => content)
    .sort();
}

test("agrees at every moment with asking for that moment alone", () => {
  const sources = fc.constantFrom("folder", "kubernetes", "git:a", "git:b", "files:all");
  const span = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 40 }))
    .map(([from, length]) => [from, Math.min(100, from + length)] as const);
  const rows = fc.array(
    fc
      .tuple(sources, span, fc.constantFrom("x", "y", "z"))
      .map(([source, [from, to], content]) => row(source, from, to, content)),
    { maxLength: 6 },
  );
  const watches = fc.array(
    fc.tuple(sources, span).map(([source, [from, to]]) => watch(source, from, to)),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(rows, watches, (rows, watches) => {
      const settled = settle(rows, watches, NOW);
      for (let at = 0; at < NOW; at += HOUR / 2) {
        const found = settled
          .filter(({ from, to }) => from <= at && at < to)
          .map(({ content }) => content);
        // Equal ones that meet are one.
        expect([...new Set(found)].sort()).toEqual([...new Set(naive(rows, watches, at))]);
      }
    }),
    { numRuns: 300 },
  );
});
