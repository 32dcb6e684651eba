import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecentIds, recentIdsCapacity } from "./recent-ids.js";

const idOf = (n: number): Uint8Array => {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, n);
  new DataView(id.buffer).setUint32(12, n * 7);
  return id;
};

describe("recent ids", () => {
  it("knows an id from its second time on", () => {
    const ids = createRecentIds({ maxBytes: 4096 });
    expect(ids.isRepeat(idOf(1), 0, 0)).toBe(false);
    expect(ids.isRepeat(idOf(1), 0, 0)).toBe(true);
    expect(ids.isRepeat(idOf(2), 0, 0)).toBe(false);
  });

  it("reads an id wherever it lies, and knows the one of zeros", () => {
    const ids = createRecentIds({ maxBytes: 4096 });
    const wide = new Uint8Array(40);
    wide.set(idOf(9), 13);
    ids.isRepeat(wide, 13, 0);
    expect(ids.isRepeat(idOf(9), 0, 0)).toBe(true);
    expect(ids.isRepeat(new Uint8Array(16), 0, 0)).toBe(false);
    expect(ids.isRepeat(new Uint8Array(16), 0, 0)).toBe(true);
  });

  it("remembers as many as it promises, and says from which time on it is complete", () => {
    const maxBytes = 64 * 1024;
    const capacity = recentIdsCapacity(maxBytes);
    const ids = createRecentIds({ maxBytes, now: () => 1e12 });
    for (let n = 0; n < capacity * 5; n++) ids.isRepeat(idOf(n), 0, n);
    expect(ids.horizonMs).toBeGreaterThan(0);
    expect(ids.horizonMs).toBeLessThan(capacity * 4);
    for (let n = capacity * 4; n < capacity * 5; n++)
      expect(ids.isRepeat(idOf(n), 0, n), `id ${n}`).toBe(true);
    expect(ids.size).toBeLessThanOrEqual(capacity * 2);
  });

  it("keeps an id that comes again and again", () => {
    const maxBytes = 16 * 1024;
    const ids = createRecentIds({ maxBytes });
    const capacity = recentIdsCapacity(maxBytes);
    ids.isRepeat(idOf(0), 0, 0);
    for (let n = 1; n < capacity * 6; n++) {
      ids.isRepeat(idOf(n), 0, 0);
      if (n % (capacity / 2) === 0) expect(ids.isRepeat(idOf(0), 0, 0)).toBe(true);
    }
  });

  it("does not believe a flow from the future when it says how far it remembers", () => {
    const maxBytes = 16 * 1024;
    const ids = createRecentIds({ maxBytes, now: () => 5_000 });
    for (let n = 0; n < recentIdsCapacity(maxBytes) * 4; n++) ids.isRepeat(idOf(n), 0, 9e15);
    expect(ids.horizonMs).toBe(0);
  });

  it("takes seeds, with the time from which they are complete", () => {
    const ids = createRecentIds({ maxBytes: 4096 });
    ids.seed(Buffer.concat([idOf(4), idOf(5), idOf(6).subarray(0, 7)]), 77);
    expect(ids.isRepeat(idOf(4), 0, 0)).toBe(true);
    expect(ids.isRepeat(idOf(5), 0, 0)).toBe(true);
    expect(ids.isRepeat(idOf(6), 0, 0)).toBe(false);
    expect(ids.horizonMs).toBe(77);
  });

  it("agrees with a plain set while nothing is forgotten", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 200 }), (ns) => {
        const ids = createRecentIds({ maxBytes: 64 * 1024 });
        const set = new Set<number>();
        return ns.every((n) => {
          const known = set.has(n);
          set.add(n);
          return ids.isRepeat(idOf(n), 0, 0) === known;
        });
      }),
    );
  });
});
