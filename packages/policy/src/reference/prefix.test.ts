import { assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { PortMatch, Protocol } from "../policy.js";
import { prefixOf } from "./prefix.js";

const place = { file: "-", line: 1, column: 1, path: "" };

function range(first: number, last: number, protocols: Protocol[] = ["TCP"]): PortMatch {
  return { of: "number", protocols, first, last, place };
}

describe("how specific a port entry is", () => {
  it("rises from all traffic over a protocol to one port", () => {
    expect(prefixOf("any", 80)).toBe(0);
    expect(prefixOf(range(1, 65_535), 80)).toBe(8);
    expect(prefixOf(range(0, 65_535, ["TCP", "UDP", "SCTP", "ICMP", "ICMPv6"]), 80)).toBe(0);
    expect(prefixOf(range(80, 80), 80)).toBe(24);
    expect(prefixOf({ of: "name", name: "http", protocols: ["TCP"], place }, 80)).toBe(24);
  });

  it("cuts ranges into aligned blocks", () => {
    expect(prefixOf(range(4096, 8191), 8080)).toBe(12);
    expect(prefixOf(range(64, 127), 80)).toBe(18);
    expect(prefixOf(range(80, 444), 80)).toBe(20);
    expect(prefixOf(range(80, 444), 444)).toBe(24);
    expect(prefixOf(range(80, 444), 256)).toBe(17);
  });

  it("counts the largest block around the port that lies in the range", () => {
    const port = integer({ min: 1, max: 65_535 });
    assert(
      property(port, port, port, (a, b, c) => {
        const [first, number, last] = [a, b, c].toSorted((x, y) => x - y) as [
          number,
          number,
          number,
        ];
        if (first === 1 && last === 65_535) return;
        const bits = 24 - prefixOf(range(first, last), number);
        const inside = (size: number): boolean => {
          const start = Math.floor(number / size) * size;
          return start >= first && start + size - 1 <= last;
        };
        expect(inside(2 ** bits)).toBe(true);
        expect(inside(2 ** (bits + 1))).toBe(false);
      }),
    );
  });
});
