import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { GitTrouble } from "./objects/object.js";

/** Where a folder lies in a repository. */
export interface Place {
  /** What HEAD is of: `.git`, or the folder of one of several working trees. */
  readonly gitDir: string;
  /** Objects and branches; the same as `gitDir` unless there are several working trees. */
  readonly commonDir: string;
  /** Names from the root of the repository to the folder; empty for the root itself. */
  readonly path: readonly string[];
}

/**
 * The repository that a folder or file belongs to; undefined when there is none above it. A bare
 * repository is one too: all of it is meant then.
 * @throws GitTrouble for a repository of a kind that cannot be read
 */
export function findRepository(target: string): Place | undefined {
  // A link to a folder of a checkout means that folder.
  const start = realpathSync(resolve(target));
  if (isGitDir(start)) return checked({ gitDir: start, commonDir: start, path: [] });
  for (let folder = start; ; folder = dirname(folder)) {
    const gitDir = gitDirOf(join(folder, ".git"));
    if (gitDir !== undefined) {
      const path = relative(folder, start).split(sep).filter(Boolean);
      return checked({ gitDir, commonDir: commonDirOf(gitDir), path });
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function isGitDir(folder: string): boolean {
  return isFolder(join(folder, "objects")) && textOf(join(folder, "HEAD")) !== undefined;
}

/** `.git` is a folder, or a file that names one: of a submodule or a further working tree. */
function gitDirOf(path: string): string | undefined {
  if (isFolder(path)) return isGitDir(path) ? path : undefined;
  const [, named] = /^gitdir: (.+)$/m.exec(textOf(path) ?? "") ?? [];
  if (named === undefined) return undefined;
  const folder = resolve(dirname(path), named.trim());
  return isFolder(folder) && textOf(join(folder, "HEAD")) !== undefined ? folder : undefined;
}

function commonDirOf(gitDir: string): string {
  const named = textOf(join(gitDir, "commondir"));
  return named === undefined ? gitDir : resolve(gitDir, named.trim());
}

function checked(place: Place): Place {
  const config = textOf(join(place.commonDir, "config")) ?? "";
  if (/^\s*objectformat\s*=\s*sha256/im.test(config))
    throw new GitTrouble("unsupported", "its objects are named by SHA-256, which is not read");
  if (/^\s*refstorage\s*=\s*reftable/im.test(config))
    throw new GitTrouble("unsupported", "its branches are kept as a reftable, which is not read");
  return place;
}

/** Names of branches are one of these; no path leads out of the repository. */
const REF = /^(?!.*(?:\.\.|\/\/|\/$|\.lock$))[^\p{Cc} ~^:?*[\\]+$/u;
/** A name may stand for another name. */
const MAX_LINKS = 5;

/**
 * The commit that a branch, a tag or HEAD points at (a tag may point at a tag: its object is given).
 * @throws GitTrouble
 */
export function resolveRef({ gitDir, commonDir }: Place, name: string | undefined): string {
  const packed = packedRefs(commonDir);
  const read = (ref: string, links: number): string | undefined => {
    if (links > MAX_LINKS || !REF.test(ref)) return undefined;
    const text =
      (ref === "HEAD" ? textOf(join(gitDir, ref)) : undefined) ??
      textOf(join(commonDir, ref)) ??
      packed.get(ref);
    const [, other] = /^ref: (\S+)\s*$/.exec(text ?? "") ?? [];
    if (other !== undefined) return read(other, links + 1);
    const [id] = /^[0-9a-f]{40}/.exec(text ?? "") ?? [];
    return id;
  };
  if (name === undefined) {
    const id = read("HEAD", 0);
    if (id === undefined) throw new GitTrouble("missing", "it has no commit");
    return id;
  }
  if (/^[0-9a-f]{40}$/.test(name)) return name;
  for (const ref of [`refs/heads/${name}`, `refs/remotes/origin/${name}`, `refs/tags/${name}`]) {
    const id = read(ref, 0);
    if (id !== undefined) return id;
  }
  const shown = JSON.stringify(name.slice(0, 100));
  throw new GitTrouble("missing", `it has no branch or tag ${shown}`);
}

/** Name of the branch that is checked out; empty for a commit without one. */
export function branchOf({ gitDir }: Place): string {
  return /^ref: refs\/heads\/(\S+)/.exec(textOf(join(gitDir, "HEAD")) ?? "")?.[1] ?? "";
}

/** Commits whose parents were not fetched (`git clone --depth`). */
export function shallowCommits({ commonDir }: Place): ReadonlySet<string> {
  const text = textOf(join(commonDir, "shallow")) ?? "";
  return new Set(text.split("\n").filter((line) => /^[0-9a-f]{40}$/.test(line)));
}

function packedRefs(commonDir: string): Map<string, string> {
  const refs = new Map<string, string>();
  for (const line of (textOf(join(commonDir, "packed-refs")) ?? "").split("\n")) {
    const [, id, ref] = /^([0-9a-f]{40}) (\S+)$/.exec(line) ?? [];
    if (id !== undefined && ref !== undefined) refs.set(ref, id);
  }
  return refs;
}

/** Refs and settings are small; what is larger is none. */
const MOST_TEXT = 16 * 1024 * 1024;

function textOf(path: string): string | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= MOST_TEXT ? readFileSync(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
