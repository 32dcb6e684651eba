import { status as Code } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { createRecentIds } from "@dropscope/ingester";
import { flowBytes, until } from "@dropscope/ingester/testing";
import {
  allSealed,
  compare,
  createHubbleBench,
  expectBooks,
  type HubbleBench,
} from "../kit/hubble.js";

let bench: HubbleBench;
afterEach(() => bench.close());

describe("following a relay", () => {
  it("reads the backfill and what comes, with since and without number", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    traffic.flows("n1", 300);
    traffic.flows("n2", 300);
    const begun = pipeline.clock.now();
    await pipeline.source.start();
    await allSealed(pipeline, 600);
    traffic.flows("n1", 50);
    await allSealed(pipeline, 650);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    const request = bench.relay.requests[0]!;
    expect(request).toMatchObject({ number: 0n, first: false, follow: true });
    expect(request.fieldMask).toBeUndefined();
    expect(begun - Number(request.since!.seconds) * 1000).toBeGreaterThan(590_000);
    await until("an ok status", () => pipeline.source.status().state === "ok");
    await until("server facts", () => pipeline.source.status().ringSeconds !== undefined);
    expect(pipeline.source.status()).toMatchObject({
      message: "",
      nodes: { connected: 2, total: 2, unavailable: [] },
      version: "1.19.4-fake",
      ringSeconds: (4095 * 2) / 100,
    });
    expectBooks(pipeline);
  });

  it("R9: 50 flaps lose nothing and repeat nothing", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    for (let flap = 1; flap <= 50; flap++) {
      traffic.flows("n1", 20);
      traffic.flows("n2", 20);
      await until(`stream ${flap}`, () => bench.relay.streams > 0);
      traffic.flows("n1", 5);
      bench.relay.stop();
      traffic.flows("n2", 5);
      await bench.relay.start();
    }
    await allSealed(pipeline, traffic.issued);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.feed.books().repeats).toBeGreaterThan(0);
    expect(pipeline.gaps).toEqual([]);
    expectBooks(pipeline);
  });

  it("R9, negative control: without the overlap flows are lost, without the ids they repeat", async () => {
    bench = await createHubbleBench();
    const careless = bench.pipeline({ tuning: { overlapMs: -600_000 } });
    const forgetful = bench.pipeline({
      recentIds: { ...createRecentIds(), isRepeat: () => false, horizonMs: 0 },
    });
    const traffic = bench.traffic(careless);
    await Promise.all([careless.source.start(), forgetful.source.start()]);
    await until("both streams", () => bench.relay.streams === 2);
    traffic.flows("n1", 100);
    await Promise.all([allSealed(careless, 100), allSealed(forgetful, 100)]);
    bench.relay.stop();
    traffic.flows("n1", 100);
    await bench.relay.start();
    await until("both again", () => bench.relay.streams === 2);
    await allSealed(forgetful, 300);
    expect(compare(careless, traffic.issued).missing).toBe(100);
    expect(compare(forgetful, traffic.issued)).toEqual({ missing: 0, repeated: 100 });
  });

  it("takes the end of a follow stream for a call to come again, also when relay knows no nodes", async () => {
    bench = await createHubbleBench();
    bench.relay.wrong.noNodes = true;
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    await until("three tries", () => bench.relay.requests.length >= 3);
    expect(pipeline.source.status()).toMatchObject({ state: "down", code: "HUBBLE_NO_NODES" });
    bench.relay.wrong.noNodes = false;
    traffic.flows("n1", 10);
    await allSealed(pipeline, 10);
    bench.relay.end();
    traffic.flows("n1", 10);
    await allSealed(pipeline, 20);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.fatal).toEqual([]);
  });

  it.each([
    Code.UNAVAILABLE,
    Code.INTERNAL,
    Code.UNKNOWN,
    Code.RESOURCE_EXHAUSTED,
    Code.CANCELLED,
    Code.DEADLINE_EXCEEDED,
  ])("comes again after code %i", async (code) => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    bench.relay.wrong.refuse = { code, details: "not now" };
    await pipeline.source.start();
    await until("a second try", () => bench.relay.requests.length >= 2);
    await until("the state", () => pipeline.source.status().state === "down");
    expect(pipeline.source.status()).toMatchObject({ ended: false });
    bench.relay.wrong.refuse = undefined;
    bench.traffic(pipeline).flows("n1", 3);
    await allSealed(pipeline, 3);
  });

  it.each([
    [Code.INVALID_ARGUMENT, "HUBBLE_REQUEST"],
    [Code.UNIMPLEMENTED, "HUBBLE_NOT_HUBBLE"],
    [Code.UNAUTHENTICATED, "HUBBLE_DENIED"],
    [Code.PERMISSION_DENIED, "HUBBLE_DENIED"],
  ])("ends after code %i, and says why", async (code, name) => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    bench.relay.wrong.refuse = { code, details: "never" };
    await pipeline.source.start();
    await until("the end", () => pipeline.fatal.length > 0);
    expect(pipeline.fatal[0]).toMatchObject({ code: name });
    expect(pipeline.source.status()).toMatchObject({ state: "down", code: name, ended: true });
    expect(bench.relay.requests).toHaveLength(1);
  });

  it("is back within two seconds of the relay, however long the backoff has become", async () => {
    bench = await createHubbleBench();
    bench.relay.stop();
    const pipeline = bench.pipeline({
      tuning: { backoffFirstMs: 600_000, backoffLongestMs: 600_000 },
    });
    await pipeline.source.start();
    await until("the state", () => pipeline.source.status().code === "HUBBLE_UNAVAILABLE");
    const began = pipeline.clock.now();
    await bench.relay.start();
    await until("the stream", () => bench.relay.streams === 1);
    // Twenty times the speed of life: the machine's own slowness counts twentyfold.
    expect(pipeline.clock.now() - began).toBeLessThan(60_000);
  });

  it("survives garbage, duplicates and a shuffled order", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"], seed: 7 });
    Object.assign(bench.relay.wrong, { garbageEvery: 13, duplicate: 1, reorder: 40 });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    traffic.flows("n1", 500);
    traffic.flows("n2", 500);
    await pipeline.source.start();
    await allSealed(pipeline, 1_000);
    await until("all read", () => pipeline.feed.books().rejected === Math.floor(1_000 / 13));
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.feed.books().repeats).toBe(1_000);
    expect(pipeline.source.status()).toMatchObject({ connects: 1 });
    expectBooks(pipeline);
  });

  it("knows flows without uuid again", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    await pipeline.source.start();
    await until("the stream", () => bench.relay.streams === 1);
    const now = BigInt(Math.trunc(pipeline.clock.now())) * 1_000_000n;
    for (let i = 0n; i < 40n; i++)
      bench.relay.emit("n1", now + i, flowBytes({ node: "n1", timeNs: now + i }));
    await allSealed(pipeline, 40);
    bench.relay.end({ code: Code.UNAVAILABLE, details: "restart" });
    await until("the replay", () => pipeline.feed.books().repeats === 40);
    expect(pipeline.door.flows).toBe(40);
  });

  it("asks anew now and then, from nearer to now", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline({ tuning: { refreshMs: 30_000, overlapMs: 1_000 } });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    await until("four streams", () => {
      traffic.flows("n1", 1);
      return bench.relay.sinces.length >= 4;
    });
    const { sinces } = bench.relay;
    expect(sinces[3]! - sinces[2]!).toBeGreaterThan(20_000_000_000n);
    await allSealed(pipeline, traffic.issued);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.gaps).toEqual([]);
  });

  it("gives up on a stream that is silent altogether", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline({ tuning: { idleMs: 20_000 } });
    await pipeline.source.start();
    await until("another stream", () => bench.relay.requests.length >= 2);
    expect(pipeline.fatal).toEqual([]);
  });
});
