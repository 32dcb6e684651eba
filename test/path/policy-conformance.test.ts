import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasShared, SHARED } from "../kit/shared.js";

const root = join(import.meta.dirname, "../..");

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function conformance(...dirs: string[]): Promise<Run> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [join(root, "scripts/conformance.mjs"), ...dirs],
      { cwd: root, maxBuffer: 16 << 20 },
    );
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { status: code, stdout, stderr };
  }
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The recipes in a folder of another name, with a change of the index. */
function recipesAs(name: string, change: (index: string) => string): string {
  const from = join(SHARED, "corpus/ahmetb-recipes");
  const dir = join(folder, name);
  mkdirSync(dir);
  for (const file of readdirSync(from)) {
    const text = readFileSync(join(from, file), "utf8");
    writeFileSync(join(dir, file), file === "index.json" ? change(text) : text);
  }
  return dir;
}

describe.skipIf(!hasShared())("the verdicts of others", () => {
  it("are ours, in every corpus", async () => {
    const { status, stdout } = await conformance(join(SHARED, "corpus"));
    expect(stdout.split("\n").filter((line) => /^\s|[1-9]\d* failed/.test(line))).toEqual([]);
    for (const corpus of ["cyclonus", "cilium-engine", "netpol-analyzer", "ahmetb-recipes"])
      expect(stdout).toMatch(new RegExp(`^${corpus}: [1-9]\\d* passed, 0 failed$`, "m"));
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
    expect(status).toBe(0);
  });

  it("make the run fail where they are not ours", async () => {
    const dir = recipesAs("ahmetb-recipes-changed", (text) =>
      text.replace('"allowed": false', '"allowed": true'),
    );
    const { status, stdout } = await conformance(dir);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^ahmetb-recipes-changed: \d+ passed, 1 failed$/m);
    expect(stdout).toContain("expected allowed\n    got      blocked");
  });

  it("are found by what the files say where the folder has another name", async () => {
    const dir = recipesAs("copy", (text) => text);
    const { status, stdout } = await conformance(dir);
    expect(stdout).toMatch(/^copy: [1-9]\d* passed, 0 failed$/m);
    expect(status).toBe(0);
  });
});

describe("a folder without a corpus", () => {
  it("is an error that says so", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    for (const dir of [empty, join(folder, "missing")]) {
      const { status, stderr } = await conformance(dir);
      expect(status).toBe(1);
      expect(stderr).toContain(`There is no corpus in ${dir}.`);
    }
  });
});
