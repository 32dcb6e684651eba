import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PORTS,
  hasPort,
  intersectPorts,
  NO_PORTS,
  type PortInterval,
  portSet,
  samePorts,
  subtractPorts,
  unitePorts,
} from "./ports.js";

const intervals: fc.Arbitrary<PortInterval[]> = fc.array(
  fc.tuple(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -3, max: 40 })),
  { maxLength: 5 },
);

describe("sets of ports", () => {
  it("are canonical: sorted, apart from each other, within 1–65535", () => {
    expect(
      portSet([
        [80, 90],
        [91, 95],
        [5, 3],
        [0, 1],
        [65_000, 70_000],
      ]),
    ).toEqual([
      [1, 1],
      [80, 95],
      [65_000, 65_535],
    ]);
    expect(portSet([[1, 65_535]])).toEqual(ALL_PORTS);
    expect(portSet([])).toEqual(NO_PORTS);
  });

  it("hold after an operation what its definition says", () => {
    fc.assert(
      fc.property(intervals, intervals, (one, other) => {
        const [a, b] = [portSet(one), portSet(other)];
        for (let port = 1; port <= 45; port++) {
          const [inA, inB] = [hasPort(a, port), hasPort(b, port)];
          expect(hasPort(unitePorts(a, b), port)).toBe(inA || inB);
          expect(hasPort(intersectPorts(a, b), port)).toBe(inA && inB);
          expect(hasPort(subtractPorts(a, b), port)).toBe(inA && !inB);
        }
        expect(portSet([...unitePorts(a, b)])).toEqual(unitePorts(a, b));
        expect(samePorts(subtractPorts(ALL_PORTS, subtractPorts(ALL_PORTS, a)), a)).toBe(true);
      }),
    );
  });
});
