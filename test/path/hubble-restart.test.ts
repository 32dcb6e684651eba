import { status as Code } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { createRecentIds } from "@dropscope/ingester";
import { until } from "@dropscope/ingester/testing";
import {
  allSealed,
  compare,
  createHubbleBench,
  expectBooks,
  type HubbleBench,
} from "../kit/hubble.js";

let bench: HubbleBench;
afterEach(() => bench.close());

describe("a restart", () => {
  it("goes on where the sealed flows end: none lost, none repeated", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const first = bench.pipeline();
    const traffic = bench.traffic(first);
    await first.source.start();
    traffic.flows("n1", 100);
    traffic.flows("n2", 100);
    await allSealed(first, 200);
    await first.source.stop(2_000);
    traffic.flows("n1", 50);
    const saved = first.marks.at(-1);
    expect([...saved!.watermarks.keys()].sort()).toEqual(["n1", "n2"]);
    const second = bench.pipeline({ saved, recentIds: first.recentIds, clock: first.clock });
    await second.source.start();
    await allSealed(second, 50);
    expect(compare([first, second], traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(second.gaps).toEqual([]);
  });

  it("after so long that the rings wrapped leaves a gap for the time that we were away", async () => {
    bench = await createHubbleBench({ capacity: 63 });
    const first = bench.pipeline();
    const traffic = bench.traffic(first);
    await first.source.start();
    traffic.flows("n1", 20);
    await allSealed(first, 20);
    await first.source.stop(2_000);
    traffic.flows("n1", 500);
    const { recentIds, clock } = first;
    const second = bench.pipeline({ saved: first.marks.at(-1), recentIds, clock });
    await second.source.start();
    await until("the gap", () => second.gaps.length > 0);
    expect(second.gaps).toMatchObject([{ node: "n1", cause: "ring-wrapped" }]);
  });

  it("of which nothing is known of what is stored reads nothing twice, at the price of a gap", async () => {
    bench = await createHubbleBench();
    const first = bench.pipeline();
    const traffic = bench.traffic(first);
    await first.source.start();
    traffic.flows("n1", 20);
    await allSealed(first, 20);
    await first.source.stop(2_000);
    const { clock } = first;
    const recentIds = createRecentIds({ now: () => clock.now() });
    recentIds.seed(new Uint8Array(0), clock.now());
    const second = bench.pipeline({ saved: first.marks.at(-1), recentIds, clock });
    await second.source.start();
    await until("the stream", () => bench.relay.streams === 1);
    const begun = clock.now();
    await until("later than the slack", () => clock.now() > begun + 12_000);
    traffic.flows("n1", 5);
    await allSealed(second, 5);
    expect(compare([first, second], traffic.issued).repeated).toBe(0);
    await until("the gap", () => second.gaps.length > 0);
    expect(second.gaps).toMatchObject([{ cause: "ring-wrapped" }]);
  });

  it("has a checkpoint only of what was sealed", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    pipeline.door.hold();
    await pipeline.source.start();
    traffic.flows("n1", 20);
    await until("a try", () => pipeline.door.tries === 1);
    expect(pipeline.marks).toEqual([]);
    pipeline.door.release();
    await until("the checkpoint", () => pipeline.marks.length === 1);
  });

  it("R15: the stop seals what is open, and the books balance", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n1", 77);
    await until("all read", () => pipeline.feed.books().read === 77);
    await pipeline.source.stop(5_000);
    await pipeline.source.stop(5_000);
    expect(pipeline.door.flows).toBe(77);
    expect(pipeline.feed.books()).toMatchObject({ open: 0, sealed: 77 });
    expectBooks(pipeline);
  });

  it("R15: the stop keeps its deadline when the spool takes nothing", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    pipeline.door.fill();
    traffic.flows("n1", 10);
    await until("a try", () => pipeline.door.tries > 0);
    const begun = pipeline.clock.now();
    await pipeline.source.stop(10_000);
    // Half a second at this speed; the machine's own slowness counts twentyfold.
    expect(pipeline.clock.now() - begun).toBeLessThan(60_000);
    expect(pipeline.feed.books()).toMatchObject({ open: 10, sealed: 0 });
  });
});

describe("a full spool", () => {
  it("R4: stops the reading, says so within a second, and goes on by itself with a gap row", async () => {
    bench = await createHubbleBench({ nodes: ["n1"] });
    const pipeline = bench.pipeline({ maxUnacked: 1 });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    pipeline.door.fill();
    traffic.flows("n1", 10);
    await until("the try", () => pipeline.door.tries > 0);
    const since = Date.now();
    await until("the state", () => pipeline.source.status().code === "SPOOL_FULL");
    expect(Date.now() - since).toBeLessThan(1_000);
    traffic.flows("n1", 10);
    await until("the pause", () => pipeline.source.status().paused);
    expect(pipeline.source.status()).toMatchObject({ state: "degraded" });
    expect(pipeline.door.flows).toBe(0);
    pipeline.door.free();
    await allSealed(pipeline, 20);
    await until("the state", () => pipeline.source.status().state === "ok");
    expect(pipeline.gaps).toMatchObject([{ cause: "spool-full", node: "", count: 0 }]);
    expect(Date.parse(pipeline.gaps[0]!.to!)).toBeGreaterThan(Date.parse(pipeline.gaps[0]!.from!));
    await pipeline.feed.flush();
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.door.batches.at(-1)!.blocks.map((block) => block.table)).toContain("gaps");
    expectBooks(pipeline);
  });

  it("R5: a spool that fails ten times ends the source with the spool's error", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline({ maxUnacked: 1 });
    await pipeline.source.start();
    pipeline.door.breakFor(1_000);
    bench.traffic(pipeline).flows("n1", 10);
    await until("the end", () => pipeline.fatal.length > 0);
    expect(pipeline.fatal).toMatchObject([{ code: "SPOOL_IO" }]);
    expect(pipeline.source.status()).toMatchObject({ state: "down", code: "SPOOL_IO" });
    expect(pipeline.feed.books()).toMatchObject({ sealed: 0, open: 10 });
  });

  it("a broken stream while reading is paused loses nothing", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline({ maxUnacked: 1 });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    pipeline.door.hold();
    traffic.flows("n1", 10);
    await until("the try", () => pipeline.door.tries > 0);
    traffic.flows("n1", 200);
    await until("the pause", () => pipeline.source.status().paused);
    bench.relay.end({ code: Code.UNAVAILABLE, details: "restart" });
    pipeline.door.release();
    await allSealed(pipeline, traffic.issued);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
  });
});
