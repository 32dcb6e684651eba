import * as fc from "fast-check";
import { EPISODE_MS, problemState } from "@dropscope/model";
import { expect, test } from "vitest";
import { createProblemBook } from "./book.js";
import { foldingOf, minutes } from "./testing.js";

const NOW = minutes(10);
const YEAR = -500_000;

/** What a problem is after it was told of these minutes, in this order, all of it landing now. */
function after(times: readonly number[]) {
  const book = createProblemBook({ clock: { now: () => NOW } });
  for (const [i, time] of times.entries())
    book.fold(foldingOf({ number: i + 1, at: minutes(time), landedAt: NOW }));
  const [record] = [...book.records()];
  if (record === undefined) throw new Error("it is gone");
  return record;
}
const stateAfter = (...times: number[]): string => problemState(after(times), NOW);

test("what was imported is over, with the times of its flows", () => {
  const record = after([YEAR, YEAR + 3]);
  expect(problemState(record, NOW)).toBe("resolved");
  expect([record.first, record.last, record.firstNs]).toEqual([
    minutes(YEAR),
    minutes(YEAR + 3),
    BigInt(minutes(YEAR)) * 1_000_000n,
  ]);
});

test("a problem of now that was there years ago is back, whichever was heard of first", () => {
  expect(stateAfter(9)).toBe("new");
  expect(stateAfter(YEAR, 9)).toBe("back");
  expect(stateAfter(9, YEAR)).toBe("back");
  // Control: a little earlier is the same episode.
  expect(stateAfter(9, 5)).toBe("new");
});

test("two times apart come out the same in any order", () => {
  const episode = (start: number) =>
    fc.array(fc.integer({ min: start, max: start + 14 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.tuple(episode(YEAR), episode(-4)).chain(([old, now]) => {
        const all = [...old, ...now];
        return fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }));
      }),
      ([all, shuffled]) => {
        const inOrder = after(all.toSorted((a, b) => a - b));
        const { first, last, episode: began } = after(shuffled);
        expect({ first, last, began }).toEqual({
          first: inOrder.first,
          last: inOrder.last,
          began: inOrder.episode,
        });
        expect(last - began).toBeLessThan(EPISODE_MS);
      },
    ),
  );
});
