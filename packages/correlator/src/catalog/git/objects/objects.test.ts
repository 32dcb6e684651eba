import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRepository, type TestRepository } from "../../../testing/git-repository.js";
import type { GitType } from "./object.js";
import { openObjects } from "./store.js";

const T = Date.parse("2026-01-01T00:00:00Z");
const hasGit = spawnSync("git", ["--version"]).status === 0;

let repository: TestRepository;
let objects: string;
let pack: string;

beforeEach(async () => {
  const dir = mkdtempSync(join(tmpdir(), "dropscope-objects-"));
  repository = await createRepository(dir);
  objects = join(dir, ".git/objects");
  pack = join(objects, "pack");
  // Versions of one large file, so that git packs them as deltas of one another.
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} of a file`);
  for (let i = 0; i < 8; i += 1) {
    lines[i * 300] = `changed ${i}`;
    const text = lines.slice(0, 3000 - i * 10).join("\n");
    const more = { "b.bin": randomBytes(70_000), "deep/er/c.yaml": `a: ${i}\n`, "empty.yaml": "" };
    await repository.commit(T + i * 1000, { "a.yaml": text, ...more });
  }
});
afterEach(() => rmSync(repository.dir, { recursive: true, force: true }));

/** Everything, read by us and by another implementation of git. */
async function expectSame(): Promise<number> {
  const ids = repository.ids();
  const store = openObjects(objects);
  for (const id of ids) {
    const { type, object } = await repository.read(id);
    expect(store.read(id, type as GitType).equals(object)).toBe(true);
  }
  store.close();
  return ids.length;
}

describe("objects are read as another git reads them", () => {
  test("each in a file of its own", async () => {
    expect(await expectSame()).toBeGreaterThan(40);
  });

  test("in packs", async () => {
    await repository.pack();
    await repository.commit(T + 100_000, { "a.yaml": "later" });
    await repository.pack();
    expect(readdirSync(pack).filter((name) => name.endsWith(".pack"))).toHaveLength(2);
    expect(await expectSame()).toBeGreaterThan(40);
  });

  test.runIf(hasGit).each([
    ["by offset", "true"],
    ["by name", "false"],
  ])("in packs of git itself, as deltas on deltas that are found %s", async (_, byOffset) => {
    const ids = repository.ids();
    const set = ["-c", `repack.useDeltaBaseOffset=${byOffset}`];
    const run = (...args: string[]): string =>
      execFileSync("git", ["-C", repository.dir, ...set, ...args], {
        encoding: "utf8",
        stdio: "pipe",
      });
    run("repack", "-a", "-d", "-f", "--depth=50", "--window=50");
    const index = readdirSync(pack).find((name) => name.endsWith(".idx")) ?? "";
    // Control: there are chains of several deltas in it.
    expect(run("verify-pack", "-v", join(pack, index))).toMatch(/chain length = [3-9]/);
    const store = openObjects(objects);
    for (const id of ids) {
      const type = run("cat-file", "-t", id).trim() as GitType;
      const text = execFileSync("git", ["-C", repository.dir, "cat-file", type, id]);
      expect(store.read(id, type).equals(text)).toBe(true);
    }
    store.close();
  });

  test("of another repository that shares them", async () => {
    const other = await createRepository(mkdtempSync(join(tmpdir(), "dropscope-shared-")));
    writeFileSync(join(other.dir, ".git/objects/info/alternates"), `${objects}\n/nonexistent\n`, {
      flag: "w",
    });
    const [id = ""] = repository.ids();
    const { type, object } = await repository.read(id);
    const store = openObjects(join(other.dir, ".git/objects"));
    expect(store.read(id, type as GitType).equals(object)).toBe(true);
    store.close();
    rmSync(other.dir, { recursive: true });
  });
});

describe("what is wrong is said, and costs little", () => {
  const reading = (id: string, type: GitType = "blob") => {
    const store = openObjects(objects);
    return () => {
      try {
        return store.read(id, type);
      } finally {
        store.close();
      }
    };
  };
  const put = (id: string, content: Buffer): void => {
    spawnSync("mkdir", ["-p", join(objects, id.slice(0, 2))]);
    writeFileSync(join(objects, id.slice(0, 2), id.slice(2)), content);
  };
  const ID = "ab".repeat(20);

  test("an object that is not there, or has no name", () => {
    expect(reading(ID)).toThrow(/is not there/);
    expect(reading("../../../etc/passwd")).toThrow(/name of an object is damaged/);
  });

  test("one that says something else than its name stands for", () => {
    put(ID, deflateSync("blob 3\0abc"));
    expect(reading(ID)).toThrow(/is damaged/);
    put(ID, deflateSync("blob 9\0abc"));
    expect(reading(ID)).toThrow(/is damaged/);
    put(ID, Buffer.from("nothing of the kind"));
    expect(reading(ID)).toThrow(/is damaged/);
  });

  test("one of another type", () => {
    const id = repository.ids().find((one) => {
      try {
        return reading(one, "commit")().length > 0;
      } catch {
        return false;
      }
    })!;
    expect(reading(id, "blob")).toThrow(/is a commit, not a blob/);
  });

  test("a bomb: a small file that would become a large one", () => {
    const bytes = 32 * 1024 * 1024;
    const bomb = (says: number): Buffer =>
      deflateSync(Buffer.concat([Buffer.from(`blob ${says}\0`), Buffer.alloc(bytes)]));
    put(ID, bomb(bytes));
    expect(reading(ID)).toThrow(/is too large/);
    // One that lies about its size is stopped where it said that it ends.
    put(ID, bomb(10));
    expect(reading(ID)).toThrow(/is damaged/);
  });

  test.each([
    [
      "a pack with a flipped bit",
      ".pack",
      (data: Buffer) => data.writeUInt8(data.readUInt8(40) ^ 1, 40),
    ],
    [
      "a pack full of noise",
      ".pack",
      (data: Buffer) => randomBytes(data.length - 12).copy(data, 12),
    ],
    [
      "an index with a wrong count",
      ".idx",
      (data: Buffer) => data.writeUInt32BE(0x7fffffff, 8 + 255 * 4),
    ],
    ["an index of another version", ".idx", (data: Buffer) => data.writeUInt32BE(1, 4)],
  ])("%s", async (_, ending, spoil) => {
    await repository.pack();
    const name = readdirSync(pack).find((one) => one.endsWith(ending)) ?? "";
    const path = join(pack, name);
    const data = readFileSync(path);
    spoil(data);
    rmSync(path);
    writeFileSync(path, data);
    const all = (): void => {
      const store = openObjects(objects);
      try {
        for (const id of repository.ids())
          for (const type of ["blob", "tree", "commit"] as const)
            try {
              store.read(id, type);
            } catch (error) {
              if (!/not a/.test(String(error))) throw error;
            }
      } finally {
        store.close();
      }
    };
    expect(all).toThrow(/damaged|too large|not there|not read/);
  });

  test("a pack that is cut off", async () => {
    await repository.pack();
    const name = readdirSync(pack).find((one) => one.endsWith(".pack")) ?? "";
    spawnSync("chmod", ["u+w", join(pack, name)]);
    truncateSync(join(pack, name), 1000);
    const trouble = repository.ids().map((id) => {
      try {
        reading(id)();
        return "";
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(new Set(trouble.filter((one) => one !== ""))).toEqual(new Set(["GitTrouble"]));
  });
});
