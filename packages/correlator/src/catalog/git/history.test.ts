import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as git from "isomorphic-git";
import * as fs from "node:fs";
import { createCatalog, PROFILES } from "@dropscope/policy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRepository, manualClock, type TestRepository } from "../../testing/index.js";
import { createFolderSource } from "../folder/index.js";
import { createLedger } from "../ledger.js";
import { checkHistory, isCheckout, openHistory, type HistoryOptions } from "./history.js";

let repository: TestRepository;
let k8s: string;
const T = Date.parse("2026-01-01T00:00:00Z");
const HOUR = 3_600_000;
const hour = (hours: number): number => T + hours * HOUR;

const policy = (app: string, name = "web"): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: { podSelector: { matchLabels: { app: ${app} } } }
`;

beforeEach(async () => {
  repository = await createRepository(mkdtempSync(join(tmpdir(), "dropscope-git-")));
  k8s = join(repository.dir, "k8s");
});
afterEach(() => rmSync(repository.dir, { recursive: true, force: true }));

/** `<hours> set <name> <app>` and `<hours> delete <name>`, and what is remarked. */
async function told(
  target = k8s,
  options: HistoryOptions = {},
): Promise<{ steps: string[]; remarks: string[] }> {
  const history = await openHistory(target, options);
  const steps: string[] = [];
  const remarks: string[] = [...(history?.remarks ?? [])];
  if (history === undefined) return { steps: ["nothing"], remarks };
  for await (const step of history.steps()) {
    remarks.push(...step.remarks.map((one) => one.replace(/[0-9a-f]{10}/, "ID")));
    for (const one of step.changes) {
      const at = Math.round(((one.at - T) / HOUR) * 1e6) / 1e6;
      steps.push(
        one.type === "set"
          ? `${at} set ${one.observed.object.name} ${/app: (\w+)/.exec(one.observed.manifest ?? "")?.[1]}`
          : `${at} delete ${one.id.name}`,
      );
    }
  }
  return { steps, remarks };
}

describe("each commit holds from its time on", () => {
  test("what is written, changed, spoilt, touched, deleted and moved", async () => {
    await repository.commit(hour(0), { "README.md": "no manifest" });
    await repository.commit(hour(1), { "k8s/a.yaml": policy("one") });
    await repository.commit(hour(2), { "k8s/a.yaml": policy("two") });
    await repository.commit(hour(3), { "k8s/a.yaml": "kind: [unclosed" });
    await repository.commit(hour(4), { "README.md": "still none" });
    await repository.commit(hour(5), { "k8s/a.yaml": `# a comment\n${policy("three")}` });
    await repository.commit(hour(6), { "k8s/a.yaml": null, "k8s/sub/b.yaml": policy("three") });
    await repository.commit(hour(7), { "k8s/sub/b.yaml": policy("four", "other") });
    const { steps, remarks } = await told();
    expect(steps).toEqual([
      "1 set web one",
      "2 set web two",
      "5 set web three",
      // Nothing at 6: the policy only moved.
      "7 delete web",
      "7 set other four",
    ]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^commit ID: .*a\.yaml: .*; the version before counts on$/);
    expect((await openHistory(k8s))?.since).toBe(hour(1));
  });

  test("what was never good is left out", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one"), "k8s/b.yaml": "kind: [" });
    const { steps, remarks } = await told();
    expect(steps).toEqual(["0 set web one"]);
    expect(remarks[0]).toMatch(/b\.yaml: .*; left out$/);
  });

  test("the time of the commit counts, not that of its author", async () => {
    await repository.commit(hour(5), { "k8s/a.yaml": policy("one") }, { authored: hour(-99) });
    expect((await told()).steps).toEqual(["5 set web one"]);
  });

  test("what is merged holds from the merge on", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
    await repository.branch("feature");
    await repository.commit(hour(1), { "k8s/a.yaml": policy("two") });
    await repository.commit(hour(2), { "k8s/a.yaml": policy("three") });
    await repository.checkout("main");
    await repository.merge(hour(9), "feature");
    expect((await told()).steps).toEqual(["0 set web one", "9 set web three"]);
    // Control: along the branch itself both were there before.
    expect((await told(k8s, { branch: "feature" })).steps).toEqual([
      "0 set web one",
      "1 set web two",
      "2 set web three",
    ]);
  });

  test("times that go back are doubted, and it is said", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
    await repository.commit(hour(90), { "k8s/a.yaml": policy("two") });
    await repository.commit(hour(2), { "k8s/a.yaml": policy("three") });
    await repository.commit(hour(3), { "k8s/a.yaml": policy("four") });
    const { steps, remarks } = await told();
    expect(steps).toEqual(["0 set web one", "0 set web two", "2 set web three", "3 set web four"]);
    expect(remarks).toEqual([
      "1 commit with times that go back: each holds from right after the one before it",
    ]);
  });
});

describe("what is meant", () => {
  beforeEach(async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one"), "k8s/.hid.yaml": "x: [" });
    await repository.commit(hour(1), { "other/a.yaml": policy("elsewhere", "far") });
  });

  test("a folder, a file of it, all of the checkout, a link to it", async () => {
    expect((await told()).steps).toEqual(["0 set web one"]);
    expect((await told(join(k8s, "a.yaml"))).steps).toEqual(["0 set web one"]);
    expect((await told(repository.dir)).steps).toEqual(["0 set web one", "1 set far elsewhere"]);
    const link = join(mkdtempSync(join(tmpdir(), "dropscope-link-")), "link");
    symlinkSync(k8s, link);
    expect((await told(link)).steps).toEqual(["0 set web one"]);
  });

  test("a bare repository, packed, by a packed ref", async () => {
    await repository.pack();
    const bare = join(repository.dir, ".git");
    const id = fs.readFileSync(join(bare, "refs/heads/main"), "utf8").trim();
    rmSync(join(bare, "refs/heads/main"));
    writeFileSync(join(bare, "packed-refs"), `# pack-refs with: peeled\n${id} refs/heads/main\n`);
    expect((await told(bare)).steps).toEqual(["0 set web one", "1 set far elsewhere"]);
  });

  test("a further working tree", async () => {
    const tree = mkdtempSync(join(tmpdir(), "dropscope-tree-"));
    const own = join(repository.dir, ".git/worktrees/tree");
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "HEAD"), "ref: refs/heads/main\n");
    writeFileSync(join(own, "commondir"), "../..\n");
    writeFileSync(join(tree, ".git"), `gitdir: ${own}\n`);
    mkdirSync(join(tree, "k8s"));
    expect((await told(join(tree, "k8s"))).steps).toEqual(["0 set web one"]);
    rmSync(tree, { recursive: true });
  });

  test("a branch, a tag and a commit by name", async () => {
    const { dir } = repository;
    await git.annotatedTag({ fs, dir, ref: "v1", message: "x", tagger: { name: "a", email: "b" } });
    const id = await git.resolveRef({ fs, dir, ref: "HEAD" });
    await repository.commit(hour(2), { "k8s/a.yaml": policy("two") });
    for (const branch of ["v1", id])
      expect((await told(k8s, { branch })).steps).toEqual(["0 set web one"]);
    expect((await told(k8s, { branch: "main" })).steps).toHaveLength(2);
    for (const branch of ["none", "../../HEAD", "a..b", "x".repeat(5000)])
      await expect(openHistory(k8s, { branch })).rejects.toMatchObject({ code: "GIT_HISTORY" });
  });

  test("a checkout without its older commits knows nothing of before", async () => {
    const { dir } = repository;
    const id = await repository.commit(hour(2), { "k8s/a.yaml": policy("two") });
    await repository.commit(hour(3), { "k8s/a.yaml": policy("three") });
    const [newest] = await git.log({ fs, dir, ref: id, depth: 1 });
    const { commit } = newest!;
    writeFileSync(join(dir, ".git/shallow"), `${id}\n`);
    for (const parent of commit.parent)
      rmSync(join(dir, ".git/objects", parent.slice(0, 2), parent.slice(2)));
    const { steps, remarks } = await told();
    expect(steps).toEqual(["2 set web two", "3 set web three"]);
    expect(remarks[0]).toContain("git fetch --unshallow");
    // Control: one that is not said to be shallow is damaged.
    rmSync(join(dir, ".git/shallow"));
    await expect(openHistory(k8s)).rejects.toMatchObject({ code: "GIT_HISTORY" });
  });

  test("a folder that is no checkout, and one that no commit knows", async () => {
    const plain = mkdtempSync(join(tmpdir(), "dropscope-plain-"));
    expect([isCheckout(plain), isCheckout(k8s)]).toEqual([false, true]);
    expect(() => checkHistory([plain])).toThrow(/lies in no git checkout/);
    expect(() => checkHistory([k8s])).not.toThrow();
    await expect(openHistory(plain)).rejects.toMatchObject({ code: "GIT_HISTORY" });
    mkdirSync(join(repository.dir, "new"));
    expect((await told(join(repository.dir, "new"))).steps).toEqual(["nothing"]);
    rmSync(plain, { recursive: true });
  });
});

describe("hostile repositories", () => {
  const at = (): { fs: typeof fs; dir: string } => ({ fs, dir: repository.dir });
  const tree = (
    entries: { mode: string; path: string; oid: string; type: "blob" | "tree" | "commit" }[],
  ) => git.writeTree({ ...at(), tree: entries });
  const commitTree = (oid: string, hours: number): Promise<string> =>
    git.commit({
      ...at(),
      message: "x",
      tree: oid,
      author: { name: "a", email: "b", timestamp: hour(hours) / 1000, timezoneOffset: 0 },
    });
  const blob = (text: string | Uint8Array): Promise<string> =>
    git.writeBlob({ ...at(), blob: typeof text === "string" ? Buffer.from(text) : text });

  test("links and submodules are no manifests, wherever they point", async () => {
    const id = await blob(policy("one"));
    const link = await blob("/etc/passwd");
    await commitTree(
      await tree([
        { mode: "100644", path: "a.yaml", oid: id, type: "blob" },
        { mode: "120000", path: "link.yaml", oid: link, type: "blob" },
        { mode: "160000", path: "module.yaml", oid: "12".repeat(20), type: "commit" },
      ]),
      0,
    );
    expect((await told(repository.dir)).steps).toEqual(["0 set web one"]);
  });

  test("a file that is far too large is as one that does not parse", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
    await repository.commit(hour(1), { "k8s/a.yaml": Buffer.alloc(40 * 1024 * 1024, 32) });
    const { steps, remarks } = await told();
    expect(steps).toEqual(["0 set web one"]);
    expect(remarks[0]).toMatch(/cannot be read \(blob [0-9a-fID]+ is too large/);
  });

  test("a tree that holds itself a billion times over", async () => {
    let id = await tree([
      { mode: "100644", path: "a.yaml", oid: await blob(policy("one")), type: "blob" },
    ]);
    for (let depth = 0; depth < 12; depth += 1)
      id = await tree(
        Array.from({ length: 10 }, (_, i) => ({
          mode: "040000",
          path: `d${i}`,
          oid: id,
          type: "tree" as const,
        })),
      );
    await commitTree(id, 0);
    await expect(openHistory(repository.dir)).rejects.toThrow(/more than 20000 manifests/);
  });

  test("a branch that stands for itself", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
    writeFileSync(join(repository.dir, ".git/refs/heads/main"), "ref: refs/heads/main\n");
    await expect(openHistory(k8s)).rejects.toThrow(/it has no commit/);
  });

  test("kinds of repositories that are not read", async () => {
    await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
    const config = join(repository.dir, ".git/config");
    const text = fs.readFileSync(config, "utf8");
    for (const [line, words] of [
      ["objectformat = sha256", /SHA-256/],
      ["refStorage = reftable", /reftable/],
    ] as const) {
      writeFileSync(config, `${text}[extensions]\n\t${line}\n`);
      expect(() => isCheckout(k8s)).toThrow(words);
    }
  });
});

test("a folder tells its history at every start, and it counts once", async () => {
  await repository.commit(hour(0), { "k8s/a.yaml": policy("one") });
  await repository.commit(hour(1), { "k8s/a.yaml": policy("two") });
  await repository.commit(hour(5), { "k8s/a.yaml": null, "k8s/b.yaml": policy("four", "other") });
  const clock = manualClock(hour(10));
  const catalog = createCatalog({ profile: PROFILES.cilium });
  const ledger = createLedger(catalog, ["folder"]);
  const versions = (): number =>
    [...catalog.records()].filter(({ record }) => record === "version").length;
  for (let start = 0; start < 2; start += 1) {
    const source = createFolderSource({ paths: [k8s], clock, history: true, hints: false });
    source.onChange((changes) => {
      for (const change of changes) ledger.apply(source.name, change);
    });
    await source.start();
    expect(source.status()[0]).toMatchObject({ state: "ok", objects: 1 });
    await source.stop(0);
    expect(versions()).toBe(3);
    clock.advance(HOUR);
  }
  const names = (hours: number): string[] =>
    catalog
      .at(hour(hours))
      .policies()
      .map(({ name }) => name);
  expect([names(-1), names(2), names(6)]).toEqual([[], ["web"], ["other"]]);
});
