import { describe, expect, test } from "vitest";
import { type Probe, scansAmong } from "./scanners.js";
import { every } from "./testing.js";

const week = every(1);

function probe(source: string, target: string, port: number, more: Partial<Probe> = {}): Probe {
  const hours = more.hours ?? [50];
  return {
    source,
    target,
    port: `TCP/${port}`,
    hours,
    hourFlows: hours.map(() => 1),
    dropped: false,
    unanswered: false,
    brief: true,
    declared: false,
    ...more,
  };
}

const doors = [21, 22, 23, 25, 80, 110, 443, 445];
const many = Array.from({ length: 30 }, (_, at) => `shop/w${at}`);
/** Its own work, all along. */
const work = many
  .slice(0, 5)
  .map((target) => probe("web", target, 8080, { hours: week, hourFlows: week.map(() => 20) }));

describe("a scan", () => {
  test.each([
    [
      "many ports of one target, unanswered",
      doors.slice(0, 5).map((port) => probe("s", "db", port, { unanswered: true })),
    ],
    ["many ports of one target that nobody else uses", doors.map((port) => probe("s", "db", port))],
    [
      "some ports of some targets",
      many
        .slice(0, 6)
        .flatMap((target) => doors.slice(0, 3).map((port) => probe("s", target, port))),
    ],
    ["one port of many targets", many.map((target) => probe("s", target, 2375))],
    [
      "one port of some targets, denied",
      many.slice(0, 8).map((target) => probe("s", target, 22, { dropped: true })),
    ],
    ["every night", doors.map((port) => probe("s", "db", port, { hours: every(24, 3) }))],
    [
      "one port an hour",
      [...doors, 1433, 3306].map((port, at) => probe("s", "db", port, { hours: [at * 9] })),
    ],
  ])("is %s", (_, probes) => {
    expect(scansAmong([...work, ...probes], week)).toEqual(new Set(probes));
  });

  test("by a workload leaves its own work alone", () => {
    const tries = doors.map((port) => probe("web", "shop/w1", port, { unanswered: true }));
    expect(scansAmong([...work, ...tries], week)).toEqual(new Set(tries));
  });

  test.each([
    ["a collector of metrics", many.map((target) => probe("p", target, 9102, { hours: week }))],
    [
      "a gateway to what others use too",
      many.flatMap((target) => [probe("g", target, 80), probe("h", target, 80, { hours: week })]),
    ],
    [
      "a nightly job that asks what is declared",
      many.map((target) => probe("j", target, 5432, { declared: true, hours: every(24) })),
    ],
    [
      "a client of a server that is down",
      [probe("c", "db", 5432, { unanswered: true, hours: week })],
    ],
    [
      "a client that is kept out everywhere, and asks again and again",
      many.map((target) => probe("c", target, 9102, { dropped: true, hourFlows: [240] })),
    ],
    [
      "a busy client of many ports",
      doors.map((port) => probe("c", "db", port, { hourFlows: [300] })),
    ],
  ])("is not %s", (_, probes) => {
    expect(scansAmong([...work, ...probes], week).size).toBe(0);
  });

  test("is not told from a busy hour by what is merely new in it", () => {
    const hour = [50];
    const few = many.map((target) => probe("g", target, 80, { brief: false }));
    expect(scansAmong(few, hour).size).toBe(0);
    const refused = doors.map((port) => probe("s", "db", port));
    expect(scansAmong([...few, ...refused], hour)).toEqual(new Set(refused));
  });
});
