import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status as Code } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createIngester,
  imbalance,
  resolveHubbleTarget,
  type Ingester,
  type Seed,
} from "@dropscope/ingester";
import {
  FakeRelay,
  createMemoryDoor,
  flowBytes,
  until,
  uuidOf,
  type MemoryDoor,
} from "@dropscope/ingester/testing";
import type { DropscopeError, Gap } from "@dropscope/model";
import { rowsOf } from "../kit/native-reader.js";

// The whole ingester as the product runs it: worker thread, real decoder, Native blocks, batches handed over.

let relay: FakeRelay;
let folder: string;
const ingesters: Ingester[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dropscope-thread-"));
  relay = await new FakeRelay({ nodes: ["kind/n1", "kind/n2"] }).start();
});
afterEach(async () => {
  await Promise.all(ingesters.splice(0).map((ingester) => ingester.stop(2_000)));
  relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  ingester: Ingester;
  door: MemoryDoor;
  gaps: Gap[];
  fatal: DropscopeError[];
}

function run(server: string, seed?: () => Promise<Seed>): Run {
  const resolved = resolveHubbleTarget({ flags: { server } });
  if (!resolved.ok) throw new Error("bad target");
  const door = createMemoryDoor();
  const gaps: Gap[] = [];
  const fatal: DropscopeError[] = [];
  const ingester = createIngester({
    source: {
      target: resolved.target,
      stateFile: join(folder, "hubble-state.json"),
      maxUnacked: 1,
      batchAgeMs: 50,
    },
    door,
    ...(seed && { seed }),
    onGap: (gap) => gaps.push(gap),
    onFatal: (error) => fatal.push(error),
  });
  ingesters.push(ingester);
  return { ingester, door, gaps, fatal };
}

let issued = 0;
function flows(n: number): void {
  for (let i = 0; i < n; i++) {
    const node = i % 2 === 0 ? "kind/n1" : "kind/n2";
    const timeNs = BigInt(Date.now()) * 1_000_000n + BigInt(issued % 1_000_000);
    relay.emit(node, timeNs, flowBytes({ node, timeNs, uuid: uuidOf(issued++) }));
  }
}

const uuids = (door: MemoryDoor): string[] =>
  door.batches.flatMap((batch) => rowsOf(batch.blocks, "flows").map((row) => String(row["uuid"])));

describe("the ingester in its thread", () => {
  it("hands over every flow once, keeps its place on disk, and goes on after a restart", async () => {
    issued = 0;
    flows(2_000);
    const first = run(relay.address);
    expect(first.ingester.status().state).toBe("starting");
    await first.ingester.start();
    await until("2,000 sealed", () => first.door.flows === 2_000);
    await until("an ok status", () => first.ingester.status().state === "ok");
    await first.ingester.stop(5_000);
    expect(first.ingester.books()).toMatchObject({ read: 2_000, sealed: 2_000, open: 0 });
    expect(imbalance(first.ingester.books())).toBe(0);
    const stored = uuids(first.door);
    expect(new Set(stored)).toEqual(new Set(Array.from({ length: 2_000 }, (_, n) => uuidOf(n))));
    const state = JSON.parse(await readFile(join(folder, "hubble-state.json"), "utf8"));
    expect(Object.keys(state.nodes).sort()).toEqual(["kind/n1", "kind/n2"]);

    flows(100);
    const ids = Buffer.concat(stored.map((id) => Buffer.from(id.replaceAll("-", ""), "hex")));
    const second = run(relay.address, async () => ({ ids, completeSinceMs: 0 }));
    await second.ingester.start();
    await until("the rest", () => second.door.flows >= 100);
    await second.ingester.stop(5_000);
    expect(uuids(second.door).sort()).toEqual(
      Array.from({ length: 100 }, (_, n) => uuidOf(2_000 + n)),
    );
    expect(second.ingester.books().repeats).toBeGreaterThan(0);
    expect(second.gaps).toEqual([]);
  });

  it("R1, negative control: a restart without the ids repeats", async () => {
    issued = 0;
    flows(500);
    const first = run(relay.address);
    await first.ingester.start();
    await until("500 sealed", () => first.door.flows === 500);
    await first.ingester.stop(5_000);
    const second = run(relay.address);
    await second.ingester.start();
    await until("500 again", () => second.door.flows === 500);
  });

  it("R4: waits while the spool is full, and hands the same batch over again", async () => {
    issued = 0;
    const { ingester, door, gaps } = run(relay.address);
    await ingester.start();
    await until("the stream", () => relay.streams === 1);
    door.fill();
    flows(10);
    await until("the state", () => ingester.status().code === "SPOOL_FULL");
    flows(10);
    await until("the pause", () => ingester.status().paused);
    door.free();
    await until("all sealed", () => door.flows === 20);
    await until("the gap", () => gaps.length === 1);
    expect(gaps[0]).toMatchObject({ cause: "spool-full" });
    await ingester.stop(5_000);
    expect(new Set(uuids(door)).size).toBe(20);
    const rows = door.batches.flatMap((batch) => rowsOf(batch.blocks, "gaps"));
    expect(rows).toMatchObject([{ cause: "spool-full" }]);
  });

  it("tells a fatal answer of the server, and stops all the same", async () => {
    relay.wrong.refuse = { code: Code.PERMISSION_DENIED, details: "no" };
    const { ingester, fatal } = run(relay.address);
    await ingester.start();
    await until("the end", () => fatal.length === 1);
    expect(fatal[0]).toMatchObject({ code: "HUBBLE_DENIED", exitCode: 69 });
    await until("the status", () => ingester.status().ended);
    await ingester.stop(1_000);
  });

  it("can be stopped before it was started, and twice", async () => {
    const { ingester, door } = run(relay.address);
    await ingester.stop(1_000);
    await ingester.stop(1_000);
    await ingester.start();
    expect(relay.streams).toBe(0);
    expect(door.tries).toBe(0);
  });
});
