import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDecisionCache } from "./decision-cache.js";

const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const key = fc.tuple(fc.nat(40), fc.nat(40), fc.nat(3));

describe("the decision cache", () => {
  it("gives back what was set last, while there is room", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer({ min: 1, max: 2 ** 32 - 1 }))), (entries) => {
        const cache = createDecisionCache(4096);
        const truth = new Map<string, number>();
        for (const [[a, b, c], value] of entries) {
          cache.set(a, b, c, value);
          truth.set(`${a} ${b} ${c}`, value);
        }
        for (const [[a, b, c]] of entries)
          expect(cache.get(a, b, c)).toBe(truth.get(`${a} ${b} ${c}`));
        cache.clear();
        for (const [[a, b, c]] of entries) expect(cache.get(a, b, c)).toBe(0);
      }),
    );
  });

  it("tells keys apart that differ in one number", () => {
    fc.assert(
      fc.property(number, number, number, (a, b, c) => {
        const cache = createDecisionCache(1);
        cache.set(a, b, c, 7);
        expect(cache.get(a, b, c)).toBe(7);
        expect(cache.get(a, b, (c + 1) % 2 ** 32)).toBe(0);
        expect(cache.get(a, (b + 1) % 2 ** 32, c)).toBe(0);
        expect(cache.get((a + 1) % 2 ** 32, b, c)).toBe(0);
      }),
    );
  });

  it("never answers with another key's value, and keeps to its size, when it overflows", () => {
    const cache = createDecisionCache(4096);
    let kept = 0;
    let wrong = 0;
    for (let i = 1; i <= 100_000; i++) cache.set(i, i * 7, i % 5, i);
    for (let i = 1; i <= 100_000; i++) {
      const value = cache.get(i, i * 7, i % 5);
      if (value === i) kept++;
      else if (value !== 0) wrong++;
    }
    expect(wrong).toBe(0);
    expect(kept).toBeGreaterThan(3000);
    expect(kept).toBeLessThanOrEqual(4096);
    expect(cache.bytes()).toBe(4096 * 16);
    expect(cache.get(100_000, 700_000, 0)).toBe(100_000);
  });

  it("grows with what is kept, up to its bound", () => {
    const cache = createDecisionCache(1 << 16);
    const empty = cache.bytes();
    for (let i = 1; i <= 20_000; i++) cache.set(i, 1, 1, i);
    expect(cache.bytes()).toBeGreaterThan(empty);
    expect(cache.bytes()).toBeLessThanOrEqual((1 << 16) * 16);
    let lost = 0;
    for (let i = 1; i <= 20_000; i++) if (cache.get(i, 1, 1) === 0) lost++;
    expect(lost).toBeLessThan(200);
  });
});
