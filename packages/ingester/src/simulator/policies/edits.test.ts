import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFolderEyes } from "./edits.js";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-eyes-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("sees files come, change and go, and nothing while nobody touches them", () => {
  const eyes = createFolderEyes(dir);
  expect(eyes.look()).toEqual({ written: [], removed: [] });
  mkdirSync(join(dir, "web"));
  writeFileSync(join(dir, "a.yaml"), "one");
  writeFileSync(join(dir, "web", "b.yml"), "two");
  expect(eyes.look().written).toEqual([
    { name: "a.yaml", text: "one" },
    { name: join("web", "b.yml"), text: "two" },
  ]);
  expect(eyes.look()).toEqual({ written: [], removed: [] });
  writeFileSync(join(dir, "a.yaml"), "ONE");
  // As long and within one tick of the file system's clock it would look the same.
  utimesSync(join(dir, "a.yaml"), new Date(), new Date(Date.now() + 5000));
  rmSync(join(dir, "web", "b.yml"));
  expect(eyes.look()).toEqual({
    written: [{ name: "a.yaml", text: "ONE" }],
    removed: [join("web", "b.yml")],
  });
});

test("what is no policy is passed over, the cluster's own file too", () => {
  mkdirSync(join(dir, ".git"));
  for (const name of ["world.yaml", "notes.txt", ".hidden.yaml", ".git/x.yaml", "a.yaml.tmp"])
    writeFileSync(join(dir, name), "text");
  expect(createFolderEyes(dir).look()).toEqual({ written: [], removed: [] });
});

test("a folder that cannot be read has not changed", () => {
  writeFileSync(join(dir, "a.yaml"), "one");
  const eyes = createFolderEyes(dir);
  eyes.look();
  rmSync(dir, { recursive: true });
  expect(eyes.look()).toEqual({ written: [], removed: [] });
});
