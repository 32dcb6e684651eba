import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { DropscopeError, EXIT } from "@dropscope/model";
import { parseManifests, type ParseOptions } from "@dropscope/policy";
import { keepLastGood, type GoodFile } from "../folder/read.js";
import { changesBetween, snapshotOf, type Snapshot } from "../folder/snapshot.js";
import type { PastChange } from "../source.js";
import { createFileReader, type Files, sameFiles } from "./files.js";
import { GitTrouble } from "./objects/object.js";
import { openObjects, type ObjectStore } from "./objects/store.js";
import { branchOf, findRepository, resolveRef, shallowCommits, type Place } from "./repository.js";
import { settleTimes } from "./times.js";
import { walk, type Walk } from "./walk.js";

export interface HistoryOptions extends ParseOptions {
  /** Branch, tag or commit whose history counts; the one that is checked out when absent. */
  readonly branch?: string;
  /** How sentences name a file; its path when absent. */
  readonly labelOf?: (path: string) => string;
}

/** What one commit changed. */
export interface HistoryStep {
  readonly commit: string;
  /** From when on it holds, ms since 1970. */
  readonly at: number;
  readonly changes: readonly PastChange[];
  /** One sentence for each file of the commit that cannot take effect. */
  readonly remarks: readonly string[];
}

export interface GitHistory {
  /** The same for every clone of the repository: its first commit and the path in it. */
  readonly name: string;
  /** Empty for a commit that no branch is checked out at. */
  readonly branch: string;
  /** Commits that changed manifests of the folder, at most. */
  readonly commits: number;
  /** From when on it is known what the folder held, ms since 1970. */
  readonly since: number;
  /** Sentences about the history as a whole. */
  readonly remarks: readonly string[];
  /** Oldest first; one commit is in memory at a time. @throws DropscopeError `GIT_HISTORY` */
  steps(): AsyncGenerator<HistoryStep>;
}

/** Whether a folder or file lies in a checkout. @throws DropscopeError `GIT_HISTORY` */
export function isCheckout(target: string): boolean {
  return within(target, () => findRepository(target) !== undefined);
}

/** @throws DropscopeError `GIT_HISTORY` when one of the folders lies in no checkout with a commit */
export function checkHistory(targets: readonly string[]): void {
  for (const target of targets) within(target, () => resolveRef(placeOf(target), undefined));
}

/**
 * The history of the manifests of a checkout's folder, along the first parents of its branch. Each
 * commit holds from the time at which it was committed: that of its author may be weeks before it
 * was merged. Nothing is written or fetched, and no program is started.
 * @returns undefined when no commit holds a manifest there
 * @throws DropscopeError `GIT_HISTORY`
 */
export async function openHistory(
  target: string,
  options: HistoryOptions = {},
): Promise<GitHistory | undefined> {
  try {
    const place = placeOf(target);
    const walked = await withObjects(place, async (objects) => {
      const from = resolveRef(place, options.branch);
      const found = await walk(objects, from, place.path, shallowCommits(place));
      return withoutEmptyBeginning(found, objects);
    });
    if (walked.points.length === 0) return undefined;
    const { at, doubted } = settleTimes(walked.points.map(({ told }) => told));
    return {
      name: [walked.root.slice(0, 12), ...place.path].join("/"),
      branch: options.branch ?? branchOf(place),
      commits: walked.points.length,
      since: at[0] as number,
      remarks: remarksOf(walked, doubted.length),
      steps: () => stepsOf(target, place, { ...walked, at }, options),
    };
  } catch (error) {
    throw inWords(error, target);
  }
}

function placeOf(target: string): Place {
  const place = findRepository(target);
  if (place === undefined) throw new GitTrouble("missing", "it lies in no git checkout");
  return place;
}

/** Before the first manifest nobody kept policies there: nothing is known, rather than known to be absent. */
function withoutEmptyBeginning(walked: Walk, objects: ObjectStore): Walk {
  const filesOf = createFileReader(objects);
  const first = walked.points.findIndex(({ entry }) => filesOf(entry).size > 0);
  return { ...walked, points: first < 0 ? [] : walked.points.slice(first) };
}

async function* stepsOf(
  target: string,
  place: Place,
  { points, at }: Walk & { readonly at: readonly number[] },
  options: HistoryOptions,
): AsyncGenerator<HistoryStep> {
  const objects = openObjects(join(place.commonDir, "objects"));
  try {
    const filesOf = createFileReader(objects);
    const state = createHistoryState(target, objects, options);
    let before: Files = new Map();
    for (const [i, { id, entry }] of points.entries()) {
      const files = filesOf(entry);
      const isFirst = i === 0;
      if (!isFirst && sameFiles(files, before)) continue;
      before = files;
      yield { commit: id, at: at[i] as number, ...state.take(id, files, at[i] as number) };
      await setImmediate();
    }
  } catch (error) {
    throw inWords(error, target);
  } finally {
    objects.close();
  }
}

interface KnownFile extends GoodFile {
  readonly blob: string;
}

/** What the files said at the last commit. */
function createHistoryState(target: string, objects: ObjectStore, options: HistoryOptions) {
  const { labelOf = (path) => path } = options;
  let known = new Map<string, KnownFile>();
  let objectsThen: Snapshot = new Map();

  const nameOf = (path: string): string => labelOf(path === "" ? target : join(target, path));
  const read = (path: string, blob: string, before: GoodFile | undefined): GoodFile => {
    const text = objects.read(blob, "blob").toString();
    return keepLastGood(before, parseManifests(text, nameOf(path), options));
  };

  return {
    take(commit: string, files: Files, at: number): Pick<HistoryStep, "changes" | "remarks"> {
      const next = new Map<string, KnownFile>();
      const remarks: string[] = [];
      for (const [path, blob] of files) {
        const before = known.get(path);
        if (before?.blob === blob) {
          next.set(path, before);
          continue;
        }
        try {
          const file = { ...read(path, blob, before), blob };
          next.set(path, file);
          remarks.push(...spoiltText(commit, nameOf(path), file, before !== undefined));
        } catch (error) {
          // Too large, or not there (a clone without blobs): as if it did not parse.
          if (!(error instanceof GitTrouble)) throw error;
          remarks.push(
            `commit ${short(commit)}: ${nameOf(path)} cannot be read (${error.message})`,
          );
          if (before !== undefined) next.set(path, { ...before, blob });
        }
      }
      known = next;
      const then = snapshotOf([...known.values()].map(({ manifests }) => manifests)).objects;
      const changes = changesBetween(objectsThen, then, () => at, at);
      objectsThen = then;
      return { changes, remarks };
    },
  };
}

function spoiltText(commit: string, path: string, file: GoodFile, wasThere: boolean): string[] {
  const error = file.manifests.problems.find(({ severity }) => severity === "error");
  if (error === undefined) return [];
  const more = file.kept.length > 0 && wasThere ? "the version before counts on" : "left out";
  return [`commit ${short(commit)}: ${path}: ${error.message}; ${more}`];
}

function remarksOf({ cut, points, commits }: Walk, doubted: number): string[] {
  const remarks: string[] = [];
  if (cut === "shallow")
    remarks.push("the checkout is shallow: `git fetch --unshallow` brings the commits before");
  if (cut === "many")
    remarks.push(`only the newest ${points.length} of more than ${commits} commits count`);
  if (doubted > 0)
    remarks.push(
      `${doubted} commit${doubted === 1 ? "" : "s"} with times that go back: each holds from right after the one before it`,
    );
  return remarks;
}

export const short = (commit: string): string => commit.slice(0, 10);

async function withObjects<T>(place: Place, use: (objects: ObjectStore) => Promise<T>): Promise<T> {
  const objects = openObjects(join(place.commonDir, "objects"));
  try {
    return await use(objects);
  } finally {
    objects.close();
  }
}

function within<T>(target: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw inWords(error, target);
  }
}

function inWords(error: unknown, target: string): unknown {
  if (error instanceof DropscopeError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const isKnown = error instanceof GitTrouble || code !== undefined;
  if (!isKnown) return error;
  const reason = error instanceof GitTrouble ? error.message : String(code);
  return new DropscopeError("GIT_HISTORY", `The history of ${target} cannot be read: ${reason}.`, {
    next: "Name a folder of a whole git checkout (or of a bare repository) with --policies; `git fsck` says what is damaged.",
    exitCode: EXIT.noInput,
    cause: error,
  });
}
