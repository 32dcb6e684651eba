import { expect, test } from "vitest";
import { EPISODE_MS } from "./problem.js";
import { problemState } from "./problem-state.js";

const at = (minutes: number): number => 1_700_000_000_000 + minutes * 60_000;

test.each([
  ["just seen", { first: 0, last: 0, episode: 0 }, 0, "new"],
  ["for 14 minutes", { first: 0, last: 14, episode: 0 }, 14, "new"],
  ["for 15 minutes", { first: 0, last: 15, episode: 0 }, 15, "ongoing"],
  ["quiet for 14 minutes", { first: 0, last: 20, episode: 0 }, 34, "ongoing"],
  ["quiet for 15 minutes", { first: 0, last: 20, episode: 0 }, 35, "resolved"],
  ["new and quiet for 15 minutes", { first: 0, last: 0, episode: 0 }, 15, "resolved"],
  ["seen again", { first: 0, last: 60, episode: 60 }, 61, "back"],
  ["for longer since it came back", { first: 0, last: 80, episode: 60 }, 80, "ongoing"],
  ["back and gone again", { first: 0, last: 80, episode: 60 }, 95, "resolved"],
  ["by a clock that runs ahead", { first: 100, last: 100, episode: 100 }, 0, "new"],
] as const)("%s", (_, { first, last, episode }, now, state) => {
  const sightings = { first: at(first), last: at(last), episode: at(episode) };
  expect(problemState(sightings, at(now))).toBe(state);
});

test("an episode ends after a quarter of an hour", () => {
  expect(EPISODE_MS).toBe(900_000);
});
