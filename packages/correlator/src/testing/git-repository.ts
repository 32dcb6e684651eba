import * as fs from "node:fs";
import { dirname, join } from "node:path";
import * as git from "isomorphic-git";

/** A git repository that a test makes commit by commit, without a git on the machine. */
export interface TestRepository {
  readonly dir: string;
  /**
   * Writes (or, for null, removes) files and commits them.
   * @param at ms since 1970, whole seconds; @returns id of the commit
   */
  commit(at: number, files: Files, options?: CommitOptions): Promise<string>;
  /** Starts a branch at the commit that is checked out, and checks it out. */
  branch(name: string): Promise<void>;
  checkout(name: string): Promise<void>;
  /** Merges a branch as it is: its files win. */
  merge(at: number, branch: string): Promise<string>;
  /** Packs every object, as git does now and then; deltas are git's own and not made here. */
  pack(): Promise<void>;
  read(id: string): Promise<{ type: string; object: Uint8Array }>;
  /** Every object that there is. */
  ids(): string[];
}

type Files = Readonly<Record<string, string | Uint8Array | null>>;

export interface CommitOptions {
  /** When it was written, ms since 1970; the time of the commit when absent. */
  readonly authored?: number;
}

const WHO = { name: "a", email: "a@example.com" };

export async function createRepository(dir: string): Promise<TestRepository> {
  fs.mkdirSync(dir, { recursive: true });
  const at = { fs, dir };
  await git.init({ ...at, defaultBranch: "main" });

  const people = (time: number, authored = time) => ({
    author: { ...WHO, timestamp: Math.floor(authored / 1000), timezoneOffset: -120 },
    committer: { ...WHO, timestamp: Math.floor(time / 1000), timezoneOffset: 0 },
  });

  const write = async (files: Files): Promise<void> => {
    for (const [filepath, content] of Object.entries(files)) {
      const path = join(dir, filepath);
      if (content === null) {
        fs.rmSync(path);
        await git.remove({ ...at, filepath });
        continue;
      }
      fs.mkdirSync(dirname(path), { recursive: true });
      fs.writeFileSync(path, content);
      await git.add({ ...at, filepath });
    }
  };

  const objects = join(dir, ".git", "objects");
  const loose = (): string[] =>
    fs
      .readdirSync(objects)
      .filter((name) => /^[0-9a-f]{2}$/.test(name))
      .flatMap((name) => fs.readdirSync(join(objects, name)).map((rest) => `${name}${rest}`));
  const packed: string[] = [];

  return {
    dir,
    async commit(time, files, { authored } = {}) {
      await write(files);
      return git.commit({ ...at, message: "x", ...people(time, authored) });
    },
    branch: (ref) => git.branch({ ...at, ref, checkout: true }),
    checkout: (ref) => git.checkout({ ...at, ref, force: true }),
    async merge(time, branch) {
      const ours = await git.resolveRef({ ...at, ref: "HEAD" });
      const theirs = await git.resolveRef({ ...at, ref: branch });
      const { commit } = await git.readCommit({ ...at, oid: theirs });
      const id = await git.commit({
        ...at,
        message: "merge",
        parent: [ours, theirs],
        tree: commit.tree,
        ...people(time),
      });
      await git.checkout({ ...at, force: true, ref: (await git.currentBranch(at)) ?? "main" });
      return id;
    },
    async pack() {
      const oids = loose();
      const { filename } = await git.packObjects({ ...at, oids, write: true });
      await git.indexPack({ ...at, filepath: `.git/objects/pack/${filename}` });
      packed.push(...oids);
      for (const id of oids) fs.rmSync(join(objects, id.slice(0, 2), id.slice(2)));
    },
    async read(oid) {
      const { type, object } = await git.readObject({ ...at, oid, format: "content" });
      return { type, object: object as Uint8Array };
    },
    ids: () => [...loose(), ...packed],
  };
}
