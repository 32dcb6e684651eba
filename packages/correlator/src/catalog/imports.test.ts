import type { ObjectWatch } from "@dropscope/store";
import { expect, test } from "vitest";
import { manualClock } from "../testing/index.js";
import { createImports } from "./imports.js";

const T = Date.parse("2026-06-01T00:00:00Z");
const HOUR = 3_600_000;
const KINDS = ["NetworkPolicy", "CiliumNetworkPolicy"];

const watch = (source: string, from: number, until: number, kinds = KINDS): ObjectWatch[] =>
  kinds.map((kind) => ({ source, kind, listedAt: T + from * HOUR, until: T + until * HOUR }));

function imports(watches: ObjectWatch[]) {
  let asked = 0;
  const clock = manualClock(T);
  const reader = {
    watches: () => {
      asked += 1;
      return Promise.resolve([...watches]);
    },
  };
  return { ...createImports(reader, clock), clock, asked: () => asked };
}

test("what another process imports is noticed, and the store is not asked for every flow", async () => {
  const watches = watch("folder", -1, 0);
  const found = imports(watches);
  const { clock } = found;
  expect(await found.refresh()).toBe(false);
  watches.push(...watch("git:r", -50, 0));
  for (let flow = 0; flow < 1000; flow += 1) expect(await found.refresh()).toBe(false);
  expect(found.asked()).toBe(1);
  expect(found.cover(T - 20 * HOUR)).toBe(false);
  clock.advance(300);
  expect(await found.refresh()).toBe(true);
  expect(found.cover(T - 20 * HOUR)).toBe(true);
  clock.advance(300);
  expect(await found.refresh()).toBe(false);
  // The same history again: what was made of it is made anew.
  watches.push(...watch("git:r", -50, 0.1));
  clock.advance(300);
  expect(await found.refresh()).toBe(true);
});

test("a history tells of its own time, where nobody watched", async () => {
  const watches = [...watch("kubernetes", -30, -20), ...watch("git:r", -50, 0)];
  const found = imports(watches);
  await found.refresh();
  const at = (hours: number): boolean => found.cover(T + hours * HOUR);
  expect([at(-51), at(-40), at(-25), at(-19.5), at(-18)]).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
});

test("control: of policies it must tell; pods alone are no history of policies", async () => {
  const found = imports(watch("files:all", -50, 0, ["Pod"]));
  await found.refresh();
  expect(found.cover(T - HOUR)).toBe(false);
});

test("a store that does not answer is an error, and is asked again", async () => {
  let fails = true;
  const reader = {
    watches: () => (fails ? Promise.reject(new Error("away")) : Promise.resolve([])),
  };
  const found = createImports(reader, manualClock(T));
  await expect(found.refresh()).rejects.toThrow("away");
  fails = false;
  await expect(found.refresh()).resolves.toBe(false);
});
