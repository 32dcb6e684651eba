import { execFile } from "node:child_process";
import { DropscopeError, EXIT } from "@dropscope/model";

/** One commit that touched manifests: the files of the folder as they were after it. */
export interface Commit {
  readonly id: string;
  /** ms since 1970: when it was committed. */
  readonly at: number;
  /** Blob ids by path below the folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** Older ones are passed over. */
const MAX_COMMITS = 2000;
const MAX_OUTPUT = 256 * 1024 * 1024;
const ZERO = "\0";

/**
 * The commits of a checkout that touched the folder, oldest first, along the first parents: what
 * was merged counts from its merge. Nothing of the checkout is changed, and nothing is fetched.
 * @throws DropscopeError `GIT_MISSING`, `GIT_HISTORY`
 */
export async function readCommits(folder: string): Promise<Commit[]> {
  const log = await git(folder, [
    "log",
    "--first-parent",
    `--max-count=${MAX_COMMITS}`,
    "--format=%H %ct",
    "--",
    ".",
  ]);
  const commits: Commit[] = [];
  for (const line of log.split("\n").filter(Boolean).reverse()) {
    const [id = "", seconds = ""] = line.split(" ");
    // Paths come relative to the folder that git was started in.
    const tree = await git(folder, ["ls-tree", "-r", "-z", id, "--", "."]);
    commits.push({ id, at: Number(seconds) * 1000, files: blobsOf(tree) });
  }
  return commits;
}

/** @throws DropscopeError `GIT_MISSING`, `GIT_HISTORY` when a folder has no history that can be read */
export async function checkHistory(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await git(folder, ["log", "-1", "--format=%H", "--", "."]);
}

/** `<mode> blob <id>\t<path>`, ended by zero bytes. Links and submodules are no manifests. */
function blobsOf(tree: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of tree.split(ZERO)) {
    const [about = "", path = ""] = entry.split("\t");
    const [mode = "", type = "", id = ""] = about.split(" ");
    const isHidden = path
      .split("/")
      .some((name) => name.startsWith(".") || name === "node_modules");
    if (type === "blob" && mode !== "120000" && !isHidden && /\.(ya?ml|json)$/.test(path))
      files.set(path, id);
  }
  return files;
}

/** Text of a blob. @throws DropscopeError `GIT_HISTORY` */
export function readBlob(folder: string, id: string): Promise<string> {
  return git(folder, ["cat-file", "blob", id]);
}

/** A repository's own configuration must not start programs, and its objects are those that are there. */
const QUIET = ["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--no-pager"];

function git(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      "git",
      ["-C", folder, ...QUIET, ...args],
      {
        maxBuffer: MAX_OUTPUT,
        timeout: 60_000,
        env: {
          ...process.env,
          GIT_OPTIONAL_LOCKS: "0",
          GIT_TERMINAL_PROMPT: "0",
          GIT_NO_LAZY_FETCH: "1",
          LC_ALL: "C",
        },
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(inWords(error as NodeJS.ErrnoException, folder, stderr));
      },
    );
  });
}

function inWords(error: NodeJS.ErrnoException, folder: string, stderr: string): DropscopeError {
  if (error.code === "ENOENT")
    return new DropscopeError(
      "GIT_MISSING",
      "The history of a checkout is read with git, which is not installed.",
      {
        next: "Install git, or leave out --policies-history.",
        exitCode: EXIT.unavailable,
        cause: error,
      },
    );
  const reason = stderr.split("\n")[0]?.slice(0, 200) ?? "";
  return new DropscopeError(
    "GIT_HISTORY",
    `The history of ${folder} cannot be read: ${reason || error.message}.`,
    {
      next: "Name a folder of a git checkout with at least one commit.",
      exitCode: EXIT.noInput,
      cause: error,
    },
  );
}
