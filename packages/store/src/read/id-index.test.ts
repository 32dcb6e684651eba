import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createIdIndex } from "./id-index.js";

describe("id index", () => {
  it("marks every place of an id and no other", () => {
    const ids = randomBytes(16 * 500);
    ids.copy(ids, 16 * 7, 16 * 3, 16 * 4); // place 7 holds the id of place 3
    const index = createIdIndex(ids);
    index.mark(ids, 16 * 3);
    index.mark(randomBytes(16), 0);
    index.mark(Buffer.from(ids.subarray(16 * 499)), 0);
    expect([...index.flags.entries()].filter(([, flag]) => flag === 1).map(([at]) => at)).toEqual([
      3, 7, 499,
    ]);
  });

  it("an id that differs in one bit is another one", () => {
    const ids = randomBytes(16);
    for (let bit = 0; bit < 128; bit += 1) {
      const other = Buffer.from(ids);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      const index = createIdIndex(ids);
      index.mark(other, 0);
      expect(index.flags).toEqual(Uint8Array.of(0));
    }
  });

  it("an empty list", () => {
    const index = createIdIndex(new Uint8Array());
    index.mark(new Uint8Array(16), 0);
    expect(index.flags).toHaveLength(0);
  });
});
