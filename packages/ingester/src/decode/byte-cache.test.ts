import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCache } from "./byte-cache.js";
import { Cursor } from "./cursor.js";

describe("ByteCache", () => {
  it("always answers for the very bytes, however small it is and however alike they are", () => {
    const cursor = new Cursor();
    const cache = new ByteCache<string>(1);
    const key = fc.array(fc.constantFrom(0, 0x61, 0x80), { maxLength: 300 });
    fc.assert(
      fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
        for (const bytes of [...keys, ...keys]) {
          cursor.load(Uint8Array.from([9, ...bytes, 9]));
          const value = cache.get(cursor, 1, bytes.length + 1, (start, end) =>
            Buffer.from(cursor.bytes.subarray(start, end)).toString("hex"),
          );
          expect(value).toBe(Buffer.from(bytes).toString("hex"));
        }
      }),
    );
  });

  it("decodes what it knows only once, until it is cleared", () => {
    const cursor = new Cursor();
    const cache = new ByteCache<number>(8192);
    let decoded = 0;
    const get = (name: string) => {
      cursor.load(Buffer.from(name));
      return cache.get(cursor, 0, name.length, () => ++decoded);
    };
    // Pods of one deployment: long, and different only near the end.
    const pods = Array.from(
      { length: 40 },
      (_, i) => `${"labels".repeat(40)}shop-7d9f-${i}-Deployment`,
    );
    for (const pod of [...pods, ...pods]) get(pod);
    expect(decoded).toBe(40);
    cache.clear();
    get(pods[0]!);
    expect(decoded).toBe(41);
  });

  it("a failing decode leaves nothing behind", () => {
    const cursor = new Cursor();
    const cache = new ByteCache<number>(1);
    cursor.load(Buffer.from("abcdef"));
    expect(() =>
      cache.get(cursor, 0, 6, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(cache.get(cursor, 0, 6, () => 1)).toBe(1);
  });
});
