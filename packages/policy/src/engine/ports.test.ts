import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PortMatch, Protocol } from "../policy.js";
import { prefixOf } from "../reference/prefix.js";
import { createPortClasses, PROTOCOL_INDEX, type PortClasses } from "./ports.js";

const place = { file: "-", line: 1, column: 1, path: "" };
const range = (first: number, last: number, protocols: Protocol[] = ["TCP"]): PortMatch => ({
  of: "number",
  protocols,
  first,
  last,
  place,
});
const classOf = ({ table }: PortClasses, protocol: Protocol, port: number): number =>
  (table[PROTOCOL_INDEX[protocol] * 65_536 + port] ?? -1) & 0xffff;

const port = fc.integer({ min: 0, max: 65_535 });

describe("port classes", () => {
  it("are one per protocol while nobody tells ports apart", () => {
    const classes = createPortClasses();
    for (const protocol of ["TCP", "UDP", "SCTP", "ICMP", "ICMPv6"] as const)
      expect([0, 1, 80, 65_535].map((each) => classOf(classes, protocol, each))).toEqual([
        0, 0, 0, 0,
      ]);
  });

  it("hold only ports that every range has or has not, and for which it is equally specific", () => {
    const ranges = fc.array(
      fc.tuple(port, port).map(([a, b]) => range(Math.min(a, b), Math.max(a, b))),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(ranges, fc.array(port, { minLength: 20 }), (list, asked) => {
        const classes = createPortClasses();
        for (const each of list) classes.add(each);
        for (const each of asked) {
          const lowest = classOf(classes, "TCP", each);
          expect(lowest).toBeLessThanOrEqual(each);
          for (const match of list) {
            if (match.of !== "number") continue;
            const has = (one: number): boolean => match.first <= one && one <= match.last;
            expect(has(lowest)).toBe(has(each));
            if (has(each)) expect(prefixOf(match, lowest)).toBe(prefixOf(match, each));
          }
        }
      }),
    );
  });

  it("keep their number when they are split, and stay with their protocol", () => {
    const classes = createPortClasses();
    classes.add(range(8000, 8000));
    expect([7999, 8000, 8001].map((each) => classOf(classes, "TCP", each))).toEqual([
      0, 8000, 8001,
    ]);
    classes.add(range(9000, 9000));
    expect([8001, 8999, 9000, 9001].map((each) => classOf(classes, "TCP", each))).toEqual([
      8001, 8001, 9000, 9001,
    ]);
    expect(classOf(classes, "UDP", 8000)).toBe(0);
    classes.addNamed({ name: "dns", protocol: "UDP", port: 53 });
    expect([52, 53, 54].map((each) => classOf(classes, "UDP", each))).toEqual([0, 53, 54]);
  });

  it("do not part the ports of a rule for every port", () => {
    const classes = createPortClasses();
    classes.add(range(1, 65_535));
    expect([0, 1, 80, 65_535].map((each) => classOf(classes, "TCP", each))).toEqual([0, 1, 1, 1]);
  });
});
