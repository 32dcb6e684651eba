import { expect, test } from "vitest";
import { BUSY_ROWS, createBatcher, QUIET_ROWS } from "./batcher.js";
import { createManualClock } from "./testing.js";

function setup(): {
  cuts: number[];
  open: { rows: number };
  clock: ReturnType<typeof createManualClock>;
  batcher: ReturnType<typeof createBatcher>;
} {
  const clock = createManualClock();
  const started = clock.now();
  const cuts: number[] = [];
  const open = { rows: 1 };
  const batcher = createBatcher({
    clock,
    maxAgeMs: 500,
    mayCut: () => true,
    live: true,
    rows: () => open.rows,
    cut: () => cuts.push(clock.now() - started),
  });
  return { cuts, open, clock, batcher };
}

test("a batch is cut at its age, so that it is seen soon", async () => {
  const { cuts, open, clock, batcher } = setup();
  open.rows = QUIET_ROWS;
  batcher.touch();
  await clock.pass(499);
  expect(cuts).toEqual([]);
  await clock.pass(1);
  expect(cuts).toEqual([500]);
});

test("a nearly empty one waits half as long again", async () => {
  const { cuts, clock, batcher } = setup();
  batcher.touch();
  await clock.pass(749);
  expect(cuts).toEqual([]);
  await clock.pass(1);
  expect(cuts).toEqual([750]);
});

test("a busy batch waits twice as long and no longer", async () => {
  const { cuts, open, clock, batcher } = setup();
  open.rows = BUSY_ROWS;
  batcher.touch();
  await clock.pass(500);
  expect(cuts).toEqual([]);
  await clock.pass(500);
  expect(cuts).toEqual([1000]);
});
