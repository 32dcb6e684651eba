import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { openInput } from "./open.js";

const folder = mkdtempSync(join(tmpdir(), "dropscope-open-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(input: string, stdin = Readable.from([])) {
  const opened = await openInput(input, stdin);
  const parts: Uint8Array[] = [];
  for await (const chunk of opened.chunks()) parts.push(chunk);
  await opened.close();
  return { text: Buffer.concat(parts).toString(), damage: opened.damage, read: opened.bytesRead };
}

function file(bytes: Uint8Array | string): string {
  const path = join(folder, `${Math.random()}`);
  writeFileSync(path, bytes);
  return path;
}

const TEXT = Array.from({ length: 20_000 }, (_, n) => `line ${n} ${Math.sin(n)}\n`).join("");

describe("an input", () => {
  it("plain, packed, in several members, and empty", async () => {
    expect((await read(file(TEXT))).text).toBe(TEXT);
    expect((await read(file(gzipSync(TEXT)))).text).toBe(TEXT);
    const members = Buffer.concat([gzipSync("one\n"), gzipSync(""), gzipSync("two\n")]);
    expect(await read(file(members))).toEqual({
      text: "one\ntwo\n",
      damage: "",
      read: members.length,
    });
    expect((await read(file(""))).text).toBe("");
    expect((await read(file("x"))).text).toBe("x");
  });

  it("standard input, in pieces of one byte, packed or not", async () => {
    const pieces = (bytes: Buffer) => Readable.from([...bytes].map((byte) => Buffer.of(byte)));
    expect((await read("-", pieces(Buffer.from("hello")))).text).toBe("hello");
    expect((await read("-", pieces(gzipSync("hello")))).text).toBe("hello");
    expect((await read("-")).text).toBe("");
  });

  it("a packed file that ends too early gives what it had, and says so", async () => {
    const packed = gzipSync(TEXT);
    for (const cut of [packed.length - 1, packed.length - 9, packed.length >> 1, 12]) {
      const { text, damage } = await read(file(packed.subarray(0, cut)));
      expect(TEXT.startsWith(text)).toBe(true);
      expect(text.length).toBeGreaterThanOrEqual(cut > 1000 ? TEXT.length * 0.4 : 0);
      expect(damage).toBe("the compressed data ends too early");
    }
  });

  it("broken compression gives what stood before it", async () => {
    const packed = gzipSync(TEXT);
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64);
    const { text, damage } = await read(file(packed));
    expect(text.length).toBeGreaterThan(TEXT.length * 0.3);
    expect(damage).toBe("the compressed data is broken");
  });

  it("unpacks in pieces: a bomb does not come at once", async () => {
    const opened = await openInput(file(gzipSync(Buffer.alloc(64 << 20))), Readable.from([]));
    let total = 0;
    let largest = 0;
    for await (const chunk of opened.chunks()) {
      total += chunk.length;
      largest = Math.max(largest, chunk.length);
    }
    expect(total).toBe(64 << 20);
    expect(largest).toBeLessThanOrEqual(1 << 20);
  });

  it.each([
    [join(folder, "nowhere"), "IMPORT_NO_FILE", 66],
    [folder, "IMPORT_IS_DIRECTORY", 66],
  ])("%s cannot be opened", async (path, code, exitCode) => {
    await expect(openInput(path, Readable.from([]))).rejects.toMatchObject({ code, exitCode });
  });
});
