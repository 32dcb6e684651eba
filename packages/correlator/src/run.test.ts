import type { Clock } from "@dropscope/model";
import { createCatalog, PROFILES } from "@dropscope/policy";
import type { CorrelatorStore, LandedBatch } from "@dropscope/store";
import { expect, test } from "vitest";
import { createCorrelator } from "./run.js";
import type { CorrelatorOptions } from "./run/options.js";

// The loop alone, on a store that has one batch without any flow.

/** Time that jumps to whoever waits. */
function jumping(): Clock & { jumps: number[] } {
  let now = 1_700_000_000_000;
  const jumps: number[] = [];
  return {
    jumps,
    now: () => now,
    after(ms, run) {
      let isOff = false;
      setImmediate(() => {
        if (isOff) return;
        now += ms;
        jumps.push(ms);
        run();
      });
      return () => (isOff = true);
    },
  };
}

const batch: LandedBatch = {
  id: 1n,
  minTimeNs: 1_699_999_990_000_000_000n,
  maxTimeNs: 1_699_999_990_000_000_000n,
  flows: 0,
  sealedAt: 1_699_999_990_000,
  storedAt: 1_699_999_990_000,
};

async function* nothing(): AsyncIterable<never> {}

/** @param isAway whether a call fails */
function fakeStore(isAway: () => boolean): CorrelatorStore & { calls: string[]; stored: string[] } {
  const calls: string[] = [];
  const stored: string[] = [];
  const answer =
    <Value>(name: string, value: Value): (() => Promise<Value>) =>
    () => {
      calls.push(name);
      return isAway() ? Promise.reject(new Error("the engine is away")) : Promise.resolve(value);
    };
  return {
    calls,
    stored,
    cursor: answer("cursor", undefined),
    dnsState: answer("dnsState", undefined),
    index: answer("index", []),
    recent: answer("recent", []),
    clusterName: answer("clusterName", "shop"),
    tail: (cursor) =>
      answer("tail", {
        cursor: { storedAt: "1", seen: ["1@1"] },
        batches: cursor.storedAt === "0" ? [batch] : [],
        flows: 0,
      })(),
    flows: nothing,
    answers: nothing,
    nodeTimes: answer("nodeTimes", []),
    gapsAround: answer("gapsAround", []),
    explained: answer("explained", []),
    records: answer("records", []),
    addExplanations: answer("addExplanations", undefined),
    addMinutes: answer("addMinutes", undefined),
    putProblems: answer("putProblems", undefined),
    putFindings: answer("putFindings", undefined),
    dropFindings: answer("dropFindings", undefined),
    putAudit: answer("putAudit", undefined),
    saveDnsState: answer("saveDnsState", undefined),
    saveJudgedBy: answer("saveJudgedBy", undefined),
    auditRecords: answer("auditRecords", []),
    saveCursor: ({ tail }) => {
      stored.push(tail.storedAt);
      return answer("saveCursor", undefined)();
    },
  };
}

function optionsOn(
  store: CorrelatorStore,
  more: Partial<CorrelatorOptions> = {},
): CorrelatorOptions {
  const profile = PROFILES.cilium;
  const catalog = createCatalog({ profile });
  return {
    store,
    leader: { tryLead: () => Promise.resolve(true), release: () => Promise.resolve() },
    knowledge: {
      catalog,
      historyAt: () => Promise.resolve(catalog),
      ready: () => Promise.resolve(),
      revisions: () => catalog.revisions(),
    },
    profile,
    clock: jumping(),
    ...more,
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !holds(); i += 1)
    await new Promise((resolve) => setImmediate(resolve));
  expect(holds()).toBe(true);
}

test("a store that is away is waited for, with one word when it goes and one when it is back", async () => {
  let isAway = true;
  const store = fakeStore(() => isAway);
  const said: string[] = [];
  const logger = {
    info: (text: string) => said.push(text),
    warn: (text: string) => said.push(text),
    error: () => undefined,
  };
  const clock = jumping();
  const correlator = createCorrelator(optionsOn(store, { logger, clock }));
  await correlator.start();
  await until(() => store.calls.length > 8);
  expect(correlator.stats()).toMatchObject({ state: "waiting", batches: 0 });
  expect(correlator.stats().message).toMatch(/away/);
  expect(said).toHaveLength(1);
  // Longer each time, and never longer than ten seconds.
  expect(clock.jumps.filter((ms) => ms >= 500).slice(0, 6)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 10_000,
  ]);
  isAway = false;
  await until(() => store.stored.length > 0);
  await until(() => correlator.stats().state === "leading");
  expect(said).toHaveLength(2);
  await correlator.stop(1_000);
});

test("a batch is done once", async () => {
  const store = fakeStore(() => false);
  const correlator = createCorrelator(optionsOn(store));
  await correlator.start();
  await until(() => store.calls.filter((name) => name === "tail").length > 5);
  await correlator.stop(1_000);
  expect(store.stored).toEqual(["1"]);
  expect(correlator.stats()).toMatchObject({ batches: 1, correlatedUntil: batch.storedAt });
});

test("who does not lead writes nothing, and begins anew when it does", async () => {
  let leads = false;
  const store = fakeStore(() => false);
  const leader = { tryLead: () => Promise.resolve(leads), release: () => Promise.resolve() };
  const correlator = createCorrelator(optionsOn(store, { leader }));
  await correlator.start();
  await until(() => correlator.stats().state === "standby");
  expect(store.calls).toEqual([]);
  leads = true;
  await until(() => store.stored.length > 0);
  leads = false;
  await until(() => correlator.stats().state === "standby");
  leads = true;
  await until(() => store.calls.filter((name) => name === "index").length === 2);
  await correlator.stop(1_000);
});

test("policies that cannot be read do not keep drops unexplained for ever", async () => {
  const store = fakeStore(() => false);
  const { knowledge } = optionsOn(store);
  const never = { ...knowledge, ready: () => new Promise<void>(() => undefined) };
  const correlator = createCorrelator(optionsOn(store, { knowledge: never }));
  await correlator.start();
  await until(() => store.stored.length > 0);
  await correlator.stop(1_000);
});

test("stopping twice, and before the first turn, is fine", async () => {
  const correlator = createCorrelator(optionsOn(fakeStore(() => false)));
  await correlator.start();
  await correlator.stop(1_000);
  await correlator.stop(1_000);
});
