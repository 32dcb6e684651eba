import type { Part, Problem } from "@dropscope/model";
import { expect, test } from "vitest";
import { type ManualClock, manualClock } from "../testing/manual-clock.js";
import type { Notifier } from "./notifier.js";
import { createProblemNotices } from "./problem-notices.js";
import { problem } from "./testing.js";

interface Scene {
  readonly part: Part;
  readonly clock: ManualClock;
  readonly told: string[];
  readonly known: string[];
  readonly warnings: string[];
  stored: Problem[];
  leads: boolean;
  fails: boolean;
  /** Lets the next look happen. */
  look(): Promise<void>;
}

function scene(): Scene {
  const clock = manualClock(Date.UTC(2026, 4, 12));
  const [told, known, warnings]: string[][] = [[], [], []];
  const notifier = {
    problemChanged: ({ id, state }: Problem) => void told!.push(`${id} ${state}`),
    assumeKnown: ({ id, state }: Problem) => void known!.push(`${id} ${state}`),
    stop: () => Promise.resolve(),
    stats: () => ({ sent: 0, failed: 0, leftOut: 0, retries: 0, waiting: 0, remembered: 0 }),
  } satisfies Notifier;
  const self: Scene = {
    clock,
    told: told!,
    known: known!,
    warnings: warnings!,
    stored: [],
    leads: true,
    fails: false,
    part: createProblemNotices({
      problems: {
        problems: () =>
          self.fails ? Promise.reject(new Error("away")) : Promise.resolve(self.stored),
      },
      notifier,
      clock,
      isLeading: () => self.leads,
      logger: { info: () => {}, warn: (text) => warnings!.push(text), error: () => {} },
      everyMs: 1000,
    }),
    async look() {
      clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  return self;
}

test("what was there at the start is known; what comes later is told", async () => {
  const one = scene();
  one.stored = [problem("a", "ongoing")];
  await one.part.start();
  one.stored = [problem("a", "ongoing"), problem("b")];
  await one.look();
  expect([one.known, one.told]).toEqual([["a ongoing"], ["a ongoing", "b new"]]);
  await one.part.stop(0);
});

test("while another one leads nothing is told, and what it found is known afterwards", async () => {
  const one = scene();
  one.leads = false;
  await one.part.start();
  one.stored = [problem("a")];
  await one.look();
  one.leads = true;
  one.stored = [problem("a"), problem("b")];
  await one.look();
  expect([one.known, one.told]).toEqual([["a new"], ["a new", "b new"]]);
  await one.part.stop(0);
});

test("a store that is away is waited for, and said once", async () => {
  const one = scene();
  one.fails = true;
  await one.part.start();
  await one.look();
  await one.look();
  expect(one.warnings).toHaveLength(1);
  one.fails = false;
  // Still the first look: what it finds was there before anybody could tell of it.
  one.stored = [problem("a")];
  await one.look();
  one.stored = [problem("a"), problem("b")];
  await one.look();
  expect([one.known, one.told]).toEqual([["a new"], ["a new", "b new"]]);
  await one.part.stop(0);
});

test("nothing is asked after the end", async () => {
  const one = scene();
  await one.part.start();
  await one.part.stop(0);
  expect(one.clock.waiting()).toEqual([]);
});
