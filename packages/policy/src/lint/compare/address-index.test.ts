import * as fc from "fast-check";
import { expect, test } from "vitest";
import { contains, parseAddress, parseCidr, type Cidr, type Words } from "../../match/cidr.js";
import { indexAddresses } from "./address-index.js";

const byte = fc.constantFrom(0, 1, 9, 10, 127, 128, 192, 255);
const ipv4 = fc.tuple(byte, byte, byte, byte).map((parts) => parts.join("."));
const ipv6 = fc.tuple(byte, byte).map(([a, b]) => `2001:db8:${a.toString(16)}::${b.toString(16)}`);
const address = fc.oneof(ipv4, ipv6, fc.constant("nonsense"));
const block = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([base, bits]) => `${base}/${bits}`),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([base, bits]) => `${base}/${bits}`),
);

test("the first address in a block is that which a look at all of them finds", () => {
  fc.assert(
    fc.property(fc.array(address, { maxLength: 40 }), block, block, (all, cidr, hole) => {
      const wanted = parseCidr(cidr) as Cidr;
      const except = parseCidr(hole) as Cidr;
      const accepts = (words: Words): boolean => !contains(except, words);
      const index = indexAddresses(all.map((one, at) => [one, at] as const));
      const slow = all.findIndex((one) => {
        const words = parseAddress(one);
        return words !== undefined && contains(wanted, words) && accepts(words);
      });
      expect(index.firstIn(wanted, accepts)).toBe(slow < 0 ? undefined : slow);
    }),
    { numRuns: 2000 },
  );
});
