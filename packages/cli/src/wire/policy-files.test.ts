import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { policyFiles } from "./policy-files.js";

const dir = mkdtempSync(join(tmpdir(), "dropscope-policies-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

for (const folder of ["b", ".git", "node_modules"]) mkdirSync(join(dir, folder));
for (const name of [
  "z.yaml",
  "a.yml",
  "b/c.json",
  "notes.md",
  ".git/x.yaml",
  ".hidden.yaml",
  "node_modules/y.yaml",
])
  writeFileSync(join(dir, name), "x");

const names = (paths: string[]): string[] =>
  policyFiles(paths).map(({ path }) => path.slice(dir.length + 1));

test("YAML and JSON of the folders, sorted; hidden and foreign ones are passed over", () => {
  expect(names([dir])).toEqual(["a.yml", "b/c.json", "z.yaml"]);
});

test("a file that is named counts whatever its name is", () => {
  expect(names([join(dir, "notes.md"), join(dir, "b")])).toEqual(["b/c.json", "notes.md"]);
});

test("a changed file is a new version", () => {
  const version = (): string =>
    policyFiles([join(dir, "b")])
      .map(({ size }) => size)
      .join();
  const before = version();
  writeFileSync(join(dir, "b/c.json"), "longer");
  expect(version()).not.toBe(before);
});

test("a path that is not there is a mistake", () => {
  expect(() => policyFiles([join(dir, "none")])).toThrow(
    expect.objectContaining({ code: "POLICY_FILE", exitCode: 66 }),
  );
});
