import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@dropscope/model";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock, until, type ManualClock } from "../../testing/index.js";
import type { SourceChange } from "../source.js";
import { createFolderSource, type FolderSource } from "./source.js";

let dir: string;
let clock: ManualClock;
let source: FolderSource | undefined;
let told: SourceChange[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dropscope-policies-"));
  clock = manualClock(Date.parse("2026-03-01T12:00:00Z"));
  told = [];
});
afterEach(async () => {
  await source?.stop(100);
  source = undefined;
  rmSync(dir, { recursive: true, force: true });
});

const policy = (name: string, app = "web"): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${app} } } }
`;
const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);

async function start(paths = [dir]): Promise<void> {
  source = createFolderSource({ paths, clock, hints: false });
  source.onChange((changes) => told.push(...changes));
  await source.start();
}

/** Enough time to look, and to see that nothing moves any more. */
function look(): string[] {
  const before = told.length;
  clock.advance(5000);
  return changesOf(told.slice(before));
}

function changesOf(changes: readonly SourceChange[]): string[] {
  return changes.flatMap((change) => {
    switch (change.type) {
      case "set":
        return [`set ${change.observed.object.name}`];
      case "delete":
        return [`delete ${change.id.name}`];
      case "list":
        return change.objects.map(({ object }) => `list ${object.kind} ${object.name}`);
      case "past":
      case "alive":
        return [];
    }
  });
}

describe("files", () => {
  test("that are there, written, changed and removed", async () => {
    put("a.yaml", policy("a"));
    mkdirSync(join(dir, "sub"));
    put("sub/b.yml", policy("b"));
    put("notes.txt", policy("no"));
    put(".hidden.yaml", policy("no"));
    await start();
    expect(changesOf(told)).toEqual(["list NetworkPolicy a", "list NetworkPolicy b"]);
    put(
      "c.json",
      JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }),
    );
    expect(look()).toEqual(["set shop"]);
    put("a.yaml", policy("a", "api"));
    expect(look()).toEqual(["set a"]);
    rmSync(join(dir, "sub"), { recursive: true });
    expect(look()).toEqual(["delete b"]);
    expect(look()).toEqual([]);
  });

  test("as an editor writes them: under another name, then renamed", async () => {
    put("a.yaml", policy("a"));
    await start();
    put("a.yaml.tmp", policy("a", "api"));
    renameSync(join(dir, "a.yaml.tmp"), join(dir, "a.yaml"));
    expect(look()).toEqual(["set a"]);
  });

  test("as a ConfigMap is mounted: a link is swapped", async () => {
    for (const [version, app] of [
      ["..v1", "web"],
      ["..v2", "api"],
    ] as const) {
      mkdirSync(join(dir, version));
      put(`${version}/a.yaml`, policy("a", app));
    }
    symlinkSync("..v1", join(dir, "..data"));
    symlinkSync("..data/a.yaml", join(dir, "a.yaml"));
    await start();
    expect(changesOf(told)).toEqual(["list NetworkPolicy a"]);
    symlinkSync("..v2", join(dir, "..data_tmp"));
    renameSync(join(dir, "..data_tmp"), join(dir, "..data"));
    expect(look()).toEqual(["set a"]);
  });

  test("that are being written are read when they rest", async () => {
    put("a.yaml", policy("a"));
    await start();
    put("a.yaml", policy("a", "half"));
    clock.advance(2000);
    put("a.yaml", policy("a", "whole"));
    expect(changesOf(told)).toEqual(["list NetworkPolicy a"]);
    clock.advance(150);
    // Control: it moved again between two looks, so it was not read yet.
    expect(changesOf(told)).toEqual(["list NetworkPolicy a"]);
    clock.advance(150);
    expect(changesOf(told)).toEqual(["list NetworkPolicy a", "set a"]);
    expect(JSON.stringify(told.at(-12))).toContain("whole");
  });

  test("moved, commented or touched say the same as before", async () => {
    put("a.yaml", policy("a"));
    await start();
    put("a.yaml", `# why\n${policy("a")}`);
    expect(look()).toEqual([]);
    renameSync(join(dir, "a.yaml"), join(dir, "b.yaml"));
    expect(look()).toEqual([]);
  });

  test("are dated by their own time when it is a new one", async () => {
    put("a.yaml", policy("a"));
    await start();
    const atOf = (name: string): number | undefined =>
      told
        .flatMap((one) => (one.type === "set" && one.observed.object.name === name ? [one.at] : []))
        .at(-1);
    const write = (name: string, at: number): void => {
      put(`${name}.yaml`, policy(name));
      utimesSync(join(dir, `${name}.yaml`), at / 1000, at / 1000);
      look();
    };
    const now = clock.now();
    write("fresh", now + 700);
    expect(atOf("fresh")).toBe(now + 700);
    // Control: a file that was copied with its old date, and one from the future, are new now.
    const later = clock.now();
    write("old", now - 86_400_000);
    expect(atOf("old")).toBeGreaterThan(later);
    write("future", now + 86_400_000);
    expect(atOf("future")).toBeLessThanOrEqual(clock.now());
  });
});

describe("what does not parse", () => {
  test("leaves the last good version in force, and says so", async () => {
    put("a.yaml", `${policy("a")}---\n${policy("b")}`);
    await start();
    put("a.yaml", "kind: [unclosed");
    expect(look()).toEqual([]);
    const [status] = source?.status() ?? [];
    expect(status).toMatchObject({ kind: "NetworkPolicy", state: "failing", objects: 2 });
    expect(status?.message).toMatch(/a\.yaml does not parse; its last good version counts/);
    put("a.yaml", `${policy("a", "api")}---\n${policy("b")}`);
    expect(look()).toEqual(["set a"]);
    expect(source?.status()[0]).toMatchObject({ state: "ok", message: "" });
  });

  test("within one object spoils that one only", async () => {
    put("a.yaml", `${policy("a")}---\n${policy("b")}`);
    await start();
    const wrong = policy("a").replace("podSelector", "policyTypes: [Sideways], podSelector");
    put("a.yaml", `${wrong}---\n${policy("b", "api")}`);
    expect(look()).toEqual(["set b"]);
    expect(source?.status()[0]).toMatchObject({ state: "failing", objects: 2 });
  });

  test("control: without a good version before there is nothing to keep", async () => {
    put("a.yaml", "kind: [unclosed");
    await start();
    expect(changesOf(told)).toEqual([]);
    expect(source?.problems()).toMatchObject([{ code: "YAML" }]);
  });
});

describe("a folder that is away", () => {
  test("takes nothing with it, and says so", async () => {
    put("a.yaml", policy("a"));
    await start();
    renameSync(dir, `${dir}-gone`);
    expect(look()).toEqual([]);
    expect(source?.status()[0]).toMatchObject({ state: "failing", objects: 1 });
    expect(source?.status()[0]?.message).toContain("cannot be read (ENOENT)");
    renameSync(`${dir}-gone`, dir);
    expect(look()).toEqual([]);
    expect(source?.status()[0]).toMatchObject({ state: "ok" });
  });

  test("from the start on is waited for, and nothing is said to be empty", async () => {
    const late = join(dir, "late");
    await start([late]);
    clock.advance(10_000);
    expect(told).toEqual([]);
    mkdirSync(late);
    put("late/a.yaml", policy("a"));
    expect(look()).toEqual(["list NetworkPolicy a"]);
  });
});

test("is stale when it was not looked at for long", async () => {
  put("a.yaml", policy("a"));
  await start();
  expect(source?.status()[0]?.state).toBe("ok");
  await source?.stop(0);
  clock.advance(40_000);
  expect(source?.status()[0]?.state).toBe("stale");
});

test("the kernel's word is faster than looking", async () => {
  put("a.yaml", policy("a"));
  source = createFolderSource({ paths: [dir], clock: systemClock, pollMs: 60_000, settleMs: 20 });
  source.onChange((changes) => told.push(...changes));
  await source.start();
  put("b.yaml", policy("b"));
  await until("b", () => changesOf(told).includes("set b"));
});
