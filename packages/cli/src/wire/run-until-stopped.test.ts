import type { Part } from "@dropscope/model";
import pino from "pino";
import { expect, test } from "vitest";
import { runUntilStopped } from "./run-until-stopped.js";

const logger = pino({ level: "silent" });

/** Parts that write down what happens to them. */
function cast(diary: string[], names: string[], more: Partial<Record<string, Partial<Part>>> = {}) {
  return names.map((name) => ({
    name,
    part: {
      async start() {
        diary.push(`start ${name}`);
        await more[name]?.start?.();
      },
      async stop(deadlineMs: number) {
        diary.push(`stop ${name}`);
        await more[name]?.stop?.(deadlineMs);
      },
    },
  }));
}

test("starts in order and stops in reverse when the work is done", async () => {
  const diary: string[] = [];
  await runUntilStopped(cast(diary, ["store", "page", "source"]), logger, {
    started: () => diary.push("started"),
    until: async () => void diary.push("work"),
  });
  expect(diary).toEqual([
    "start store",
    "start page",
    "start source",
    "started",
    "work",
    "stop source",
    "stop page",
    "stop store",
  ]);
});

test("a part that does not start stops itself and those before it, and its error goes on", async () => {
  const diary: string[] = [];
  const parts = cast(diary, ["store", "page", "source"], {
    page: { start: () => Promise.reject(new Error("port busy")) },
  });
  await expect(runUntilStopped(parts, logger)).rejects.toThrow("port busy");
  expect(diary).toEqual(["start store", "start page", "stop page", "stop store"]);
});

test("work that fails stops everything, and its error goes on", async () => {
  const diary: string[] = [];
  const work = runUntilStopped(cast(diary, ["store"]), logger, {
    until: () => Promise.reject(new Error("no space")),
  });
  await expect(work).rejects.toThrow("no space");
  expect(diary).toEqual(["start store", "stop store"]);
});

test("a part that does not stop cleanly does not keep the others from it", async () => {
  const diary: string[] = [];
  const parts = cast(diary, ["store", "source"], {
    source: { stop: () => Promise.reject(new Error("stuck")) },
  });
  await runUntilStopped(parts, logger, { until: () => Promise.resolve() });
  expect(diary).toEqual(["start store", "start source", "stop source", "stop store"]);
});

test("every part gets what is left of the deadline, and at least half a second", async () => {
  const deadlines: number[] = [];
  const note: Partial<Part> = { stop: (ms) => Promise.resolve(void deadlines.push(ms)) };
  await runUntilStopped(cast([], ["a", "b"], { a: note, b: note }), logger, {
    until: () => Promise.resolve(),
  });
  expect(deadlines).toHaveLength(2);
  for (const ms of deadlines) {
    expect(ms).toBeGreaterThanOrEqual(500);
    expect(ms).toBeLessThan(10_000);
  }
});

test("a signal during a slow start stops what has been started", async () => {
  const diary: string[] = [];
  const parts = cast(diary, ["store", "page"], {
    store: {
      start: () => {
        setImmediate(() => process.emit("SIGTERM"));
        return new Promise(() => undefined);
      },
    },
  });
  const before = process.listenerCount("SIGTERM");
  await runUntilStopped(parts, logger);
  expect(diary).toEqual(["start store", "stop store"]);
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
