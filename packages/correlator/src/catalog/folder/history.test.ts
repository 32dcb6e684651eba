import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCatalog, PROFILES } from "@dropscope/policy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manualClock } from "../../testing/index.js";
import { createLedger } from "../ledger.js";
import { checkHistory } from "./git.js";
import { readHistory } from "./history.js";
import { createFolderSource } from "./source.js";

let repository: string;
const T = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;

const policy = (app: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${app} } } }
`;

function git(...args: string[]): void {
  execFileSync("git", ["-C", repository, ...args], { stdio: "ignore" });
}

function commit(hour: number, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
  git("add", "--all");
  const at = new Date(T + hour * HOUR).toISOString();
  execFileSync(
    "git",
    ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-m", "x"],
    { stdio: "ignore", env: { ...process.env, GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at } },
  );
}

beforeAll(() => {
  repository = mkdtempSync(join(tmpdir(), "dropscope-git-"));
  git("init", "--quiet");
  mkdirSync(join(repository, "k8s"));
  commit(0, { "k8s/a.yaml": policy("one"), "README.md": "not a manifest" });
  commit(1, { "k8s/a.yaml": policy("two") });
  commit(2, { "k8s/a.yaml": "kind: [unclosed" });
  commit(3, { "README.md": "still none" });
  commit(4, { "k8s/a.yaml": `# a comment\n${policy("three")}` });
  rmSync(join(repository, "k8s/a.yaml"));
  commit(5, { "k8s/b.yaml": policy("four").replace("web", "other") });
});
afterAll(() => rmSync(repository, { recursive: true, force: true }));

describe("the history of a checkout", () => {
  test("is what each commit said, from its time on; one that spoils a file changes nothing", async () => {
    const changes = await readHistory(join(repository, "k8s"));
    const told = changes.map((one) =>
      one.type === "set"
        ? `${(one.at - T) / HOUR} set ${one.observed.object.name} ${/app: (\w+)/.exec(one.observed.manifest ?? "")?.[1]}`
        : `${(one.at - T) / HOUR} delete ${one.id.name}`,
    );
    expect(told).toEqual([
      "0 set web one",
      "1 set web two",
      "4 set web three",
      "5 delete web",
      "5 set other four",
    ]);
  });

  test("is told at every start, and counts once", async () => {
    const clock = manualClock(T + 10 * HOUR);
    const catalog = createCatalog({ profile: PROFILES.cilium });
    const ledger = createLedger(catalog, ["folder"]);
    const versions = (): number =>
      [...catalog.records()].filter(({ record }) => record === "version").length;
    for (let start = 0; start < 2; start += 1) {
      const source = createFolderSource({
        paths: [join(repository, "k8s")],
        clock,
        history: true,
        hints: false,
      });
      source.onChange((changes) => {
        for (const change of changes) ledger.apply(source.name, change);
      });
      await source.start();
      expect(source.status()[0]).toMatchObject({ state: "ok", objects: 1 });
      await source.stop(0);
      expect(versions()).toBe(4);
      clock.advance(HOUR);
    }
    const names = (hour: number): string[] =>
      catalog
        .at(T + hour * HOUR)
        .policies()
        .map(({ name }) => name);
    expect([names(-1), names(2), names(6)]).toEqual([[], ["web"], ["other"]]);
  });

  test("control: a folder that is no checkout has none, and that is said", async () => {
    const plain = mkdtempSync(join(tmpdir(), "dropscope-plain-"));
    await expect(checkHistory([plain])).rejects.toMatchObject({ code: "GIT_HISTORY" });
    await expect(checkHistory([join(repository, "k8s")])).resolves.toBeUndefined();
    rmSync(plain, { recursive: true });
  });

  test("without git says so", async () => {
    const { PATH } = process.env;
    process.env["PATH"] = "/nonexistent";
    await expect(checkHistory([repository])).rejects.toMatchObject({ code: "GIT_MISSING" });
    process.env["PATH"] = PATH;
  });
});
