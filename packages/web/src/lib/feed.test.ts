import type { FlowRow } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { createFeed } from "./feed.js";

const rows = (...ids: string[]): FlowRow[] => ids.map((uuid) => ({ uuid }) as FlowRow);
const ids = (list: readonly FlowRow[]): string[] => list.map((row) => row.uuid);

describe("the feed", () => {
  it("puts the newest on top and keeps a bounded number", () => {
    const feed = createFeed(3);
    feed.push(rows("b", "a"), 0);
    feed.push(rows("d", "c"), 0);
    expect(ids(feed.shown)).toEqual(["d", "c", "b"]);
    feed.push(rows("h", "g", "f", "e"), 0);
    expect(ids(feed.shown)).toEqual(["h", "g", "f"]);
  });

  it("stands still while it is held, and counts what waits, listed or not", () => {
    const feed = createFeed();
    feed.push(rows("a"), 0);
    feed.hold(true);
    feed.push(rows("c", "b"), 40);
    expect(ids(feed.shown)).toEqual(["a"]);
    expect(feed.waiting).toBe(42);
    feed.hold(false);
    expect(ids(feed.shown)).toEqual(["c", "b", "a"]);
    expect(feed.waiting).toBe(0);
  });

  it("holding twice is holding once", () => {
    const feed = createFeed();
    feed.push(rows("a"), 0);
    feed.hold(true);
    feed.push(rows("b"), 0);
    feed.hold(true);
    expect(feed.waiting).toBe(1);
  });

  it("a new snapshot does not pull the rows from under a reader", () => {
    const feed = createFeed();
    feed.push(rows("a"), 0);
    feed.hold(true);
    feed.reset(rows("z"));
    expect(ids(feed.shown)).toEqual(["a"]);
    feed.hold(false);
    expect(ids(feed.shown)).toEqual(["z"]);
  });
});
