import { expect, it } from "vitest";
import { createOrdinals } from "./ordinals.js";

it("counts each content for itself", () => {
  const ordinals = createOrdinals();
  const words = (n: number) => Uint32Array.of(n >>> 3, n * 7, 1, 1);
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; n < 5000; n += 1) expect(ordinals.next(words(n))).toBe(round);
  }
});

it("forgets instead of growing without end", () => {
  const ordinals = createOrdinals(1000);
  for (let n = 0; n < 1000; n += 1) ordinals.next(Uint32Array.of(n, n, 0, 0));
  expect(ordinals.next(Uint32Array.of(5000, 1, 0, 0))).toBe(0);
  expect(ordinals.next(Uint32Array.of(5000, 1, 0, 0))).toBe(1);
  expect(ordinals.next(Uint32Array.of(3, 3, 0, 0))).toBe(0);
});
