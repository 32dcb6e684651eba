import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownerOf, takeLock } from "./lock.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that listens on the lock's socket until it is killed. */
async function otherOwner(path: string): Promise<() => Promise<void>> {
  const script = `require("node:net").createServer((s) => s.end(JSON.stringify({ pid: process.pid, what: "x" }))).listen(${JSON.stringify(path)}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done) => child.stdout.once("data", done));
  return () =>
    new Promise((done) => {
      child.once("exit", () => done());
      child.kill("SIGKILL");
    });
}

describe("R21: one owner per folder", () => {
  test("R21: a second owner is refused with exit code 73 and told who holds it", async () => {
    const lock = await takeLock(dir, "owner", "store");
    await expect(takeLock(dir, "owner", "store")).rejects.toMatchObject({
      code: "DATA_IN_USE",
      exitCode: 73,
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await ownerOf(dir, "owner")).toEqual({ pid: process.pid, what: "store" });
    lock.release();
    lock.release();
    expect(await ownerOf(dir, "owner")).toBeUndefined();
    (await takeLock(dir, "owner", "store")).release();
  });

  test("R21: after kill -9 the next starts at once", async () => {
    const kill = await otherOwner(join(dir, "owner.sock"));
    await expect(takeLock(dir, "owner", "store")).rejects.toMatchObject({ code: "DATA_IN_USE" });
    await kill();
    const started = performance.now();
    const lock = await takeLock(dir, "owner", "store");
    expect(performance.now() - started).toBeLessThan(5_000);
    lock.release();
  });

  test("of many who find a dead owner at once, one wins", async () => {
    const kill = await otherOwner(join(dir, "owner.sock"));
    await kill();
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => takeLock(dir, "owner", "store")),
    );
    const won = tries.filter((one) => one.status === "fulfilled");
    expect(won).toHaveLength(1);
    won[0]!.value.release();
  });

  test("a folder whose path is longer than a socket's may be", async () => {
    const deep = join(dir, ...Array.from({ length: 12 }, () => "a-long-name-of-a-folder"));
    mkdirSync(deep, { recursive: true });
    const lock = await takeLock(deep, "owner", "store");
    await expect(takeLock(deep, "owner", "store")).rejects.toMatchObject({ code: "DATA_IN_USE" });
    lock.release();
    (await takeLock(deep, "owner", "store")).release();
  });

  test("an owner that does not speak still owns", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(join(dir, "owner.sock"), done));
    await expect(takeLock(dir, "owner", "store")).rejects.toMatchObject({ code: "DATA_IN_USE" });
    silent.close();
  });

  test("a plain file in the way is replaced: nobody listens on it", async () => {
    writeFileSync(join(dir, "owner.sock"), "");
    (await takeLock(dir, "owner", "store")).release();
  });
});
