import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hoursOf } from "./hours.js";

interface Told {
  readonly hour: number;
  readonly ofVerdict: boolean;
  readonly flows: number;
}

/** As the engine would tell them: groups in any order, hours of a group ascending. */
function rowOf(told: readonly Told[], order: readonly number[]): Parameters<typeof hoursOf>[0] {
  const groups = new Map<number, Told[]>();
  for (const one of [...told].sort((a, b) => a.hour - b.hour)) {
    const day = 2 * Math.floor(one.hour / 24) + Number(one.ofVerdict);
    groups.set(day, [...(groups.get(day) ?? []), one]);
  }
  const some = [...groups]
    .map((group, at) => ({ group, at: order[at] ?? at }))
    .sort((a, b) => a.at - b.at)
    .map(({ group }) => group);
  return {
    days: some.map(([day]) => day),
    masks: some.map(([, hours]) => hours.reduce((mask, { hour }) => mask + 2 ** (hour % 24), 0)),
    parts: some.flatMap(([, hours]) => hours.map(({ flows }) => flows)),
  };
}

test("hours that were told by days are those that were seen", () => {
  const hour = fc.oneof(
    fc.integer({ min: 498_000, max: 498_100 }),
    fc.integer({ min: 0, max: 2_000_000 }),
  );
  const told = fc.uniqueArray(
    fc.record({ hour, ofVerdict: fc.boolean(), flows: fc.integer({ min: 1, max: 2 ** 45 }) }),
    { selector: (one) => `${one.hour} ${one.ofVerdict}`, maxLength: 120 },
  );
  fc.assert(
    fc.property(told, fc.array(fc.nat()), fc.boolean(), (all, order, ofVerdicts) => {
      const hours = [...new Set(all.map((one) => one.hour))].sort((a, b) => a - b);
      const hourFlows = hours.map(
        (seen) => all.find((one) => one.hour === seen && one.ofVerdict === ofVerdicts)?.flows ?? 0,
      );
      expect(hoursOf(rowOf(all, order), ofVerdicts)).toEqual({ hours, hourFlows });
    }),
  );
});
