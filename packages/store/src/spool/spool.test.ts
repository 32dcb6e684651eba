import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, DropscopeError } from "@dropscope/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { numberedBatch } from "../numbered.js";
import { faultyFs, FS_OPERATIONS, type FaultyFs } from "./faulty-fs.js";
import { openSpool, type Spool, type SpoolOptions } from "./spool.js";

let dir: string;
let fs: FaultyFs;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-spool-"));
  fs = faultyFs();
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

const folder = (): string => join(dir, "spool");
const quarantine = (): string => join(dir, "quarantine");

function open(options: Partial<SpoolOptions> = {}): Promise<Spool> {
  return openSpool({ dir: folder(), quarantineDir: quarantine(), fs, ...options });
}

const batches = (): string[] => readdirSync(folder()).filter((name) => name.endsWith(".batch"));

function expectBooks(spool: Spool): void {
  expect(spool.sealedFlows).toBe(
    spool.storedFlows + spool.openBatches().flows + spool.quarantinedFlows,
  );
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "sealed",
    (error: DropscopeError) => error.code,
  );
}

describe("sealing", () => {
  test("a batch is written, fsynced, renamed and the folder fsynced, in this order", async () => {
    const spool = await open();
    fs.log.length = 0;
    await spool.seal(numberedBatch({ first: 0, count: 10 }));
    expect(fs.log.map((line) => line.split(" ")[0])).toEqual([
      "create",
      "write",
      "datasync",
      "close",
      "rename",
      "syncDir",
    ]);
    expect(spool.openBatches()).toMatchObject({ count: 1, flows: 10 });
    expectBooks(spool);
  });

  test("what was sealed is found again, oldest first, with the same content", async () => {
    const first = await open();
    for (let i = 0; i < 20; i++) await first.seal(numberedBatch({ first: i * 5, count: 5 }));
    const before: bigint[] = [];
    for await (const content of first.contents()) before.push(content.batch);
    const again = await open();
    const after: bigint[] = [];
    for await (const content of again.contents()) after.push(content.batch);
    expect(after).toEqual(before);
    expect(again.openBatches().flows).toBe(100);
    expectBooks(again);
  });

  test("sealing the same batch twice keeps one file", async () => {
    const spool = await open();
    const batch = numberedBatch({ first: 0, count: 3 });
    await spool.seal(batch);
    await spool.seal(batch);
    expect(batches()).toHaveLength(1);
    expect(spool.openBatches().flows).toBe(3);
    expectBooks(spool);
  });

  test("a tmp file of a dead process is removed: it was never acknowledged", async () => {
    await open();
    writeFileSync(join(folder(), "tmp-1-1"), "half a batch");
    const spool = await open();
    expect(readdirSync(folder())).toEqual([]);
    expect(spool.openBatches().count).toBe(0);
  });
});

describe("R4: the spool never exceeds its bound", () => {
  test("R4: full is said, and ends by itself when a batch is stored", async () => {
    const one = numberedBatch({ first: 0, count: 100 });
    const spool = await open({ maxBytes: 20_000 });
    await spool.seal(one);
    let sealed = 1;
    for (; sealed < 100; sealed++) {
      const code = await codeOf(spool.seal(numberedBatch({ first: sealed * 100, count: 100 })));
      if (code === "SPOOL_FULL") break;
    }
    const { bytes, count } = spool.openBatches();
    expect(count).toBe(sealed);
    expect(bytes).toBeLessThan(20_000 + bytes / count + 1);
    expect(spool.trouble()).toBe("full");
    let freed = false;
    const waiting = spool.spaceFreed().then(() => (freed = true));
    await Promise.resolve();
    expect(freed).toBe(false);
    const oldest = (await spool.next(new AbortController().signal))!;
    await spool.delivered(oldest, 0);
    await waiting;
    expect(spool.trouble()).toBeUndefined();
    await spool.seal(numberedBatch({ first: 9999, count: 100 }));
    expectBooks(spool);
  });

  test("R4: without a bound nothing is refused (negative control)", async () => {
    const spool = await open({ maxBytes: Infinity });
    for (let i = 0; i < 20; i++) await spool.seal(numberedBatch({ first: i, count: 100 }));
    expect(spool.openBatches().count).toBe(20);
  });
});

describe("R5: disk errors never turn into false acknowledgement", () => {
  const sealing = ["create", "write", "datasync", "close", "rename", "syncDir"] as const;

  test.each(sealing.flatMap((op) => ["EIO", "ENOSPC", "EROFS"].map((code) => [op, code] as const)))(
    "R5: %s fails with %s: nothing is acknowledged, and the next try is a new file",
    async (operation, code) => {
      const spool = await open();
      const batch = numberedBatch({ first: 0, count: 10 });
      fs.fail(operation, code, 1);
      expect(await codeOf(spool.seal(batch))).toBe(code === "ENOSPC" ? "SPOOL_FULL" : "SPOOL_IO");
      expect(spool.openBatches().count).toBe(0);
      expect(spool.sealedFlows).toBe(0);
      expect(batches()).toEqual([]);
      fs.heal();
      fs.log.length = 0;
      await spool.seal(batch);
      expect(fs.log.filter((line) => line.startsWith("create"))).toHaveLength(1);
      expect(spool.openBatches().flows).toBe(10);
      expectBooks(spool);
    },
  );

  test("R5: a file whose fsync failed is never fsynced again", async () => {
    const spool = await open();
    const batch = numberedBatch({ first: 0, count: 1 });
    fs.fail("datasync", "EIO", 2);
    for (let i = 0; i < 3; i++) await codeOf(spool.seal(batch));
    const synced = fs.log.filter((line) => line.startsWith("datasync"));
    expect(synced).toHaveLength(3);
    expect(new Set(synced).size).toBe(3);
  });

  test("R5: three failures in a row are not ready, ten end the process", async () => {
    let given: DropscopeError | undefined;
    const spool = await open({ onGiveUp: (error) => (given = error) });
    fs.fail("datasync", "EIO");
    for (let i = 1; i <= 10; i++) {
      expect(given).toBeUndefined();
      expect(await codeOf(spool.seal(numberedBatch({ first: 0, count: 1 })))).toBe("SPOOL_IO");
      expect(spool.trouble()).toBe(i >= 3 ? "io" : undefined);
    }
    expect(given?.exitCode).toBe(74);
  });

  test("R5: a success in between starts the count anew (negative control)", async () => {
    let given: DropscopeError | undefined;
    const spool = await open({ onGiveUp: (error) => (given = error) });
    for (let i = 0; i < 15; i++) {
      fs.fail("datasync", "EIO", i % 2);
      await codeOf(spool.seal(numberedBatch({ first: i, count: 1 })));
    }
    expect(given).toBeUndefined();
    expect(spool.trouble()).toBeUndefined();
  });

  test("R5: a full disk is tried again after a while, whoever frees it", async () => {
    const alarms: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      after: (_ms, run) => {
        alarms.push(run);
        return () => {};
      },
    };
    const spool = await open({ clock });
    fs.fail("write", "ENOSPC", 1);
    expect(await codeOf(spool.seal(numberedBatch({ first: 0, count: 1 })))).toBe("SPOOL_FULL");
    expect(spool.trouble()).toBe("disk-full");
    const freed = spool.spaceFreed();
    alarms.at(-1)!();
    await freed;
    await spool.seal(numberedBatch({ first: 0, count: 1 }));
    expect(spool.trouble()).toBeUndefined();
  });

  test("R5: a delete that fails keeps the file in the queue", async () => {
    const spool = await open();
    await spool.seal(numberedBatch({ first: 0, count: 4 }));
    const file = (await spool.next(new AbortController().signal))!;
    fs.fail("unlink", "EIO", 1);
    await expect(spool.delivered(file, 0)).rejects.toThrow("EIO");
    expectBooks(spool);
    await spool.delivered(file, 0);
    expect(spool.openBatches().count).toBe(0);
    expectBooks(spool);
  });

  test.each(["mkdir", "list", "stat"] as const)(
    "R5: %s fails at the start: said, not ignored",
    async (op) => {
      const spool = await open();
      await spool.seal(numberedBatch({ first: 0, count: 4 }));
      fs.fail(op, "EIO");
      await expect(open()).rejects.toThrow("EIO");
    },
  );

  test("the fault plan covers every operation that the spool has", () => {
    expect(FS_OPERATIONS).toHaveLength(12);
  });
});

describe("R6: damaged files cost only themselves", () => {
  const damages: [string, (bytes: Buffer) => Buffer, string][] = [
    [
      "a flipped bit",
      (b) => (b.writeUInt8(b.readUInt8(b.length >> 1) ^ 4, b.length >> 1), b),
      "checksum",
    ],
    ["a cut end", (b) => b.subarray(0, b.length - 7), "checksum"],
    ["no content", () => Buffer.alloc(0), "checksum"],
  ];

  test.each(damages)(
    "R6: %s goes to quarantine with its count, the rest is delivered",
    async (_n, spoil, reason) => {
      const spool = await open();
      for (let i = 0; i < 3; i++) await spool.seal(numberedBatch({ first: i * 7, count: 7 }));
      const victim = batches().sort()[1]!;
      writeFileSync(join(folder(), victim), spoil(readFileSync(join(folder(), victim))));
      const again = await open();
      const delivered: number[] = [];
      for (;;) {
        if (again.openBatches().count === 0) break;
        const file = (await again.next(new AbortController().signal))!;
        const content = await again.load(file);
        if (!content) continue;
        delivered.push(content.flows);
        await again.delivered(file, 0);
      }
      expect(delivered).toEqual([7, 7]);
      expect(again.quarantine.flows).toBe(7);
      expect(again.quarantinedFlows).toBe(7);
      expectBooks(again);
      const note = JSON.parse(readFileSync(join(quarantine(), `${victim}.json`), "utf8"));
      expect(note).toMatchObject({ reason, rows: 7, flows: 7 });
      expect(readdirSync(quarantine())).toContain(victim);
      // A later process still counts it.
      expect((await open()).quarantine.flows).toBe(7);
    },
  );

  test("R20: a file of a newer version is kept, not deleted and not crashed on", async () => {
    const spool = await open();
    await spool.seal(numberedBatch({ first: 0, count: 2 }));
    const { createHash } = await import("node:crypto");
    const newer = Buffer.from("DROPSCOPE SPOOL 2\nsomething else");
    const hash = createHash("sha256").update(newer).digest("hex");
    writeFileSync(join(folder(), `0000000000000001-5-${hash}.batch`), newer);
    const again = await open();
    const file = (await again.next(new AbortController().signal))!;
    expect(await again.load(file)).toBeUndefined();
    expect(again.openBatches()).toMatchObject({ count: 1, flows: 2 });
    const note = readdirSync(quarantine()).find((name) => name.endsWith(".json"))!;
    expect(JSON.parse(readFileSync(join(quarantine(), note), "utf8"))).toMatchObject({
      reason: "version",
      flows: 5,
    });
    expectBooks(again);
  });

  test("R6: a foreign file is moved away, a folder is left alone", async () => {
    await open();
    writeFileSync(join(folder(), "notes.txt"), "hello");
    const spool = await open();
    expect(readdirSync(folder())).toEqual([]);
    expect(readdirSync(quarantine()).sort()).toEqual(["notes.txt", "notes.txt.json"]);
    expect(spool.openBatches().count).toBe(0);
  });

  test("a file that somebody took away is noted, and does not stop the queue", async () => {
    const spool = await open();
    await spool.seal(numberedBatch({ first: 0, count: 2 }));
    const file = (await spool.next(new AbortController().signal))!;
    rmSync(join(folder(), file.name));
    expect(await spool.load(file)).toBeUndefined();
    expect(spool.openBatches().count).toBe(0);
    expectBooks(spool);
  });

  test("R6: 10,000 files are recovered in less than 5 s", async () => {
    await open();
    const hash = "0".repeat(64);
    for (let i = 0; i < 10_000; i++)
      writeFileSync(join(folder(), `${i.toString(16).padStart(16, "0")}-1-${hash}.batch`), "x");
    const start = performance.now();
    const spool = await open();
    expect(performance.now() - start).toBeLessThan(5000);
    expect(spool.openBatches().count).toBe(10_000);
  });
});
