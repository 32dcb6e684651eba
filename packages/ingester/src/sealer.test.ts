import type { DropscopeError } from "@dropscope/model";
import type { Batch } from "@dropscope/store";
import { describe, expect, it } from "vitest";
import { createSealer } from "./sealer.js";
import { createManualClock, settle } from "./testing/clock.js";
import { createMemoryDoor } from "./testing/memory-door.js";

const batch = (id: number): Batch => ({
  id: BigInt(id),
  blocks: [],
  flows: 1,
  minTimeNs: 0n,
  maxTimeNs: 0n,
});

function setUp() {
  const clock = createManualClock();
  const door = createMemoryDoor();
  const sealed: number[] = [];
  const fatal: DropscopeError[] = [];
  const full: [number, number][] = [];
  const sealer = createSealer<number>({
    door,
    clock,
    maxUnacked: 3,
    onSealed: (_batch, mark) => sealed.push(mark),
    onFatal: (error) => fatal.push(error),
    onFullOver: (from, to) => full.push([from, to]),
  });
  const add = (...ids: number[]) => ids.forEach((id) => sealer.add(batch(id), id));
  return { clock, door, sealer, sealed, fatal, full, add };
}

describe("sealer", () => {
  it("seals in order, and asks for a pause at three unacknowledged batches", async () => {
    const { door, sealer, sealed, add } = setUp();
    door.hold();
    add(1, 2);
    expect(sealer.room()).toBeUndefined();
    add(3);
    const room = sealer.room();
    expect(room).toBeInstanceOf(Promise);
    door.release();
    await room;
    await sealer.idle();
    expect(sealed).toEqual([1, 2, 3]);
    expect(door.batches.map((b) => b.id)).toEqual([1n, 2n, 3n]);
  });

  it("repeats a failed seal, and loses or doubles none", async () => {
    const { clock, door, sealer, sealed, add } = setUp();
    door.breakFor(4);
    add(1, 2);
    await settle();
    expect(sealed).toEqual([]);
    await clock.pass(10_000);
    await sealer.idle();
    expect(sealed).toEqual([1, 2]);
    expect(sealer.state).toBe("ok");
  });

  it("says so after three failures, and gives up after ten", async () => {
    const { clock, door, sealer, fatal, add } = setUp();
    door.breakFor(1_000);
    add(1);
    await settle();
    await clock.pass(250);
    expect(sealer.state).toBe("ok");
    await clock.pass(500);
    expect(sealer.state).toBe("failing");
    await clock.pass(60_000);
    expect(sealer.state).toBe("failed");
    expect(fatal.map((error) => error.code)).toEqual(["SPOOL_IO"]);
    expect(door.tries).toBe(10);
    await expect(sealer.idle()).rejects.toMatchObject({ code: "SPOOL_IO" });
    await expect(sealer.room()).rejects.toMatchObject({ code: "SPOOL_IO" });
  });

  it("waits for room in a full spool, and tells how long reading stood still", async () => {
    const { clock, door, sealer, sealed, full, add } = setUp();
    const begin = clock.now();
    door.fill();
    add(1, 2, 3);
    await settle();
    expect(sealer.state).toBe("full");
    expect(sealer.room()).toBeInstanceOf(Promise);
    await clock.pass(7_000);
    door.free();
    await settle();
    expect(sealed).toEqual([1, 2, 3]);
    expect(sealer.state).toBe("ok");
    expect(full).toEqual([[begin, begin + 7_000]]);
  });

  it("tells nothing when the spool was full but reading never stopped", async () => {
    const { door, sealer, full, add } = setUp();
    door.fill();
    add(1);
    await settle();
    door.free();
    await sealer.idle();
    expect(full).toEqual([]);
  });

  it("lets go when it is stopped", async () => {
    const { door, sealer, add } = setUp();
    door.fill();
    add(1, 2, 3);
    await settle();
    const room = sealer.room();
    sealer.stop();
    await room;
    await sealer.idle();
  });
});
