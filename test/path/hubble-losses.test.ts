import { status as Code } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { foldGaps, type Gap } from "@dropscope/model";
import { LostEventSource } from "@dropscope/hubble";
import { lostBytes, until } from "@dropscope/ingester/testing";
import {
  allSealed,
  compare,
  createHubbleBench,
  expectBooks,
  type HubbleBench,
} from "../kit/hubble.js";

let bench: HubbleBench;
afterEach(() => bench.close());

const sum = (gaps: Gap[]) => gaps.reduce((total, gap) => total + gap.count, 0);

describe("losses upstream become gaps", () => {
  it("R10: the counts of lost_events arrive exactly, and a replayed one counts once", async () => {
    bench = await createHubbleBench();
    bench.relay.wrong.duplicate = 1;
    const pipeline = bench.pipeline();
    await pipeline.source.start();
    await until("the stream", () => bench.relay.streams === 1);
    const now = BigInt(Math.trunc(pipeline.clock.now())) * 1_000_000n;
    const perf = LostEventSource.PERF_EVENT_RING_BUFFER;
    for (let i = 0; i < 20; i++) {
      const timeNs = now + BigInt(i);
      bench.relay.emit(
        "n1",
        timeNs,
        lostBytes({ node: "n1", timeNs, source: perf, count: 7, cpu: i % 4 }),
      );
    }
    const queue = { source: LostEventSource.OBSERVER_EVENTS_QUEUE, node: "n1", timeNs: now + 50n };
    bench.relay.emit(
      "n1",
      now + 50n,
      lostBytes({ ...queue, count: 1, firstNs: now, lastNs: now + 9n }),
    );
    bench.traffic(pipeline).flows("n1", 1);
    await allSealed(pipeline, 1);
    bench.relay.end({ code: Code.UNAVAILABLE, details: "restart" });
    await until("the replay", () => pipeline.feed.books().repeats >= 2);
    expect(sum(pipeline.gaps)).toBe(20 * 7 + 1);
    expect(pipeline.feed.books().lost).toBe(141);
    expect(pipeline.gaps.map((gap) => gap.cause)).toContain("observer-queue");
    expect(pipeline.gaps[0]).toMatchObject({ node: "n1", cause: "perf-ring", count: 7 });
    expectBooks(pipeline);
  });

  it.each([false, true])(
    "R10: a reader too slow for the ring learns of every slot (old agents: %s)",
    async (old) => {
      bench = await createHubbleBench({ capacity: 255 });
      bench.relay.wrong.oldLostEvents = old;
      const pipeline = bench.pipeline({ maxUnacked: 1 });
      const traffic = bench.traffic(pipeline);
      await pipeline.source.start();
      await until("the stream", () => bench.relay.streams === 1);
      pipeline.door.hold();
      traffic.flows("n1", 10);
      await until("a try", () => pipeline.door.tries > 0);
      // Fills the windows and buffers on the way, then the ring, several times over.
      traffic.flows("n1", 1_500, 16_000);
      await until("a pause", () => pipeline.source.status().paused);
      pipeline.door.release();
      await until(
        "what was lost",
        () => bench.relay.told > 0 && pipeline.feed.books().lost === bench.relay.told,
      );
      const kept = traffic.issued - bench.relay.told;
      await allSealed(pipeline, kept);
      expect(pipeline.door.flows).toBe(kept);
      const ring = pipeline.gaps.filter((gap) => gap.cause === "hubble-ring");
      expect(sum(ring)).toBe(bench.relay.told);
      if (old) expect(ring.length).toBeLessThan(bench.relay.told / 20);
      expectBooks(pipeline);
    },
  );

  it("R9: an outage longer than the ring is a gap from the last flow seen to the first new one", async () => {
    bench = await createHubbleBench({ capacity: 255, nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n1", 20);
    traffic.flows("n2", 20);
    await allSealed(pipeline, 40);
    bench.relay.stop();
    traffic.flows("n1", 1_000);
    traffic.flows("n2", 30);
    await bench.relay.start();
    await allSealed(pipeline, 40 + 255 + 30);
    await until("the gap", () => pipeline.gaps.length > 0);
    const n1 = pipeline
      .rows()
      .filter((row) => row.node === "n1")
      .map((row) => row.timeNs);
    expect(pipeline.gaps).toMatchObject([{ node: "n1", cause: "ring-wrapped", count: 0 }]);
    expect(nsOf(pipeline.gaps[0]!.from)).toBe(n1[19]);
    expect(nsOf(pipeline.gaps[0]!.to)).toBe(n1[20]);
    expect(compare(pipeline, traffic.issued).missing).toBe(1_000 - 255);
  });

  it("tells an agent's restart, which empties its ring", async () => {
    bench = await createHubbleBench();
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n1", 20);
    await allSealed(pipeline, 20);
    bench.relay.stop();
    traffic.flows("n1", 5);
    bench.relay.rings.get("n1")!.clear();
    await bench.relay.start();
    await until("the stream", () => bench.relay.streams === 1);
    traffic.flows("n1", 5);
    await until("the gap", () => pipeline.gaps.some((gap) => gap.cause === "ring-wrapped"));
  });
});

describe("nodes that go away", () => {
  it("are a gap until their flows come again; the replay in mid-stream repeats nothing", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    traffic.flows("n1", 50);
    traffic.flows("n2", 50);
    await pipeline.source.start();
    await allSealed(pipeline, 100);
    bench.relay.nodeError("n2", "rpc error: connection refused");
    await until("the gap", () => pipeline.gaps.length === 1);
    expect(pipeline.gaps[0]).toMatchObject({
      node: "n2",
      cause: "node-error",
      message: "rpc error: connection refused",
    });
    expect(pipeline.gaps[0]!.to).toBeUndefined();
    expect(pipeline.source.status()).toMatchObject({
      state: "degraded",
      code: "HUBBLE_NODES_AWAY",
      nodes: { unavailable: ["n2"] },
    });
    traffic.flows("n1", 10);
    traffic.flows("n2", 10);
    await allSealed(pipeline, 110);
    bench.relay.nodeBack("n2");
    await allSealed(pipeline, 120);
    expect(pipeline.feed.books().repeats).toBe(50);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.gaps[1]).toMatchObject({ node: "n2", cause: "node-error" });
    expect(pipeline.gaps[1]!.to).toBe(pipeline.gaps[0]!.from);
    expect(foldGaps(pipeline.gaps)).toEqual([]);
    expect(pipeline.source.status()).toMatchObject({ state: "ok" });
  });

  it("leave a gap with both ends when their ring has wrapped meanwhile", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"], capacity: 63 });
    const pipeline = bench.pipeline();
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n1", 10);
    traffic.flows("n2", 10);
    await allSealed(pipeline, 20);
    bench.relay.nodeUnavailable("n2");
    await until("the gap", () => pipeline.gaps.length === 1);
    traffic.flows("n2", 200);
    bench.relay.nodeBack("n2");
    await allSealed(pipeline, 20 + 63);
    await until("the end", () => pipeline.gaps.length === 2);
    const folded = foldGaps(pipeline.gaps);
    const n2 = pipeline
      .rows()
      .filter((row) => row.node === "n2")
      .map((row) => row.timeNs);
    expect(folded).toMatchObject([{ node: "n2", cause: "node-unavailable" }]);
    expect([nsOf(folded[0]!.from), nsOf(folded[0]!.to)]).toEqual([n2[9], n2[10]]);
  });

  it("are told once although each new stream names them again, and hold the resume point", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline({ tuning: { overlapMs: 1_000 } });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n1", 10);
    traffic.flows("n2", 10);
    await allSealed(pipeline, 20);
    const lastOfN2 = BigInt(pipeline.rows().findLast((row) => row.node === "n2")!.timeNs);
    bench.relay.nodeUnavailable("n2");
    traffic.flows("n2", 5);
    for (let i = 2; i <= 3; i++) {
      traffic.flows("n1", 5);
      bench.relay.end();
      await until(`stream ${i}`, () => bench.relay.sinces.length >= i && bench.relay.streams === 1);
    }
    expect(pipeline.gaps).toHaveLength(1);
    expect(bench.relay.sinces.at(-1)! <= lastOfN2).toBe(true);
    bench.relay.nodeBack("n2");
    await allSealed(pipeline, traffic.issued);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
  });

  it("in silence are found by the voices of the others, and read again", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline({ tuning: { silentAfterMs: 20_000 } });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n2", 30);
    await allSealed(pipeline, 30);
    bench.relay.mute("n2");
    traffic.flows("n2", 30);
    await until("the gap", () => {
      traffic.flows("n1", 1);
      return pipeline.gaps.length > 0;
    });
    expect(pipeline.gaps[0]).toMatchObject({ node: "n2", cause: "node-silent" });
    await allSealed(pipeline, traffic.issued);
    expect(compare(pipeline, traffic.issued)).toEqual({ missing: 0, repeated: 0 });
    expect(pipeline.gaps.map((gap) => gap.node)).toEqual(["n2", "n2"]);
    expect(foldGaps(pipeline.gaps)).toEqual([]);
  });

  it("in silence, negative control: without the watch the node stays unread", async () => {
    bench = await createHubbleBench({ nodes: ["n1", "n2"] });
    const pipeline = bench.pipeline({ tuning: { silentAfterMs: 1e12 } });
    const traffic = bench.traffic(pipeline);
    await pipeline.source.start();
    traffic.flows("n2", 30);
    await allSealed(pipeline, 30);
    bench.relay.mute("n2");
    traffic.flows("n2", 30);
    const end = pipeline.clock.now() + 40_000;
    await until("40 s", () => {
      traffic.flows("n1", 1);
      return pipeline.clock.now() > end;
    });
    expect(pipeline.rows().filter((row) => row.node === "n2")).toHaveLength(30);
    expect(pipeline.gaps).toEqual([]);
  });
});

function nsOf(iso: string | undefined): string {
  const [seconds, fraction] = iso!.replace("Z", "").split(".");
  return `${Date.parse(`${seconds}Z`) / 1000}${fraction}`;
}
