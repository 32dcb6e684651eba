import { watch, type FSWatcher } from "node:fs";
import { systemClock, type CatalogKindStatus, type Clock } from "@dropscope/model";
import type { ManifestProblem, ObjectKind, ParseOptions } from "@dropscope/policy";
import { openHistory } from "../git/index.js";
import { CATALOG_KINDS, type CatalogSource, type SourceChange } from "../source.js";
import { fileLabels } from "./label.js";
import { sameFiles, scanFolders, type Scan } from "./scan.js";
import { createFolderState } from "./state.js";

export interface FolderSourceOptions extends ParseOptions {
  /** Folders and files. */
  readonly paths: readonly string[];
  readonly clock?: Clock;
  /** How often to look, ms: the kernel's word is faster, but does not come from every file system. */
  readonly pollMs?: number;
  /** Time in which nothing may change before it is read, ms: editors write in several steps. */
  readonly settleMs?: number;
  /** Reads the git history of the folders first: each commit holds from its time. */
  readonly history?: boolean;
  /** Whether to ask the kernel for changes; true when absent. */
  readonly hints?: boolean;
}

export interface FolderSource extends CatalogSource {
  /** What is wrong with the manifests, with places. */
  problems(): readonly ManifestProblem[];
}

const POLL_MS = 2000;
const SETTLE_MS = 150;
/** A file that is written without a pause is read after so many looks all the same. */
const MAX_SETTLING = 20;
const MAX_WATCHED_FOLDERS = 200;
const STALE_MS = 30_000;

/**
 * Policies as YAML in folders, followed as they change: files that are written, renamed, removed
 * and mounted ConfigMaps that are swapped.
 */
export function createFolderSource(options: FolderSourceOptions): FolderSource {
  const { paths, clock = systemClock, pollMs = POLL_MS, settleMs = SETTLE_MS } = options;
  const labelOf = fileLabels(paths);
  const state = createFolderState(options, labelOf);
  const watchers = new Map<string, FSWatcher>();
  let listener: (changes: readonly SourceChange[]) => void = () => undefined;
  let taken: Scan | undefined;
  let seen: Scan | undefined;
  let settling = 0;
  let historyTrouble = "";
  let lookedAt = Number.NEGATIVE_INFINITY;
  let cancel = (): void => undefined;
  let stopped = false;

  const lookIn = (ms: number): void => {
    cancel();
    cancel = clock.after(ms, look);
  };

  const follow = ({ folders }: Scan): void => {
    if (options.hints === false) return;
    const wanted = new Set(folders.slice(0, MAX_WATCHED_FOLDERS));
    for (const [folder, watcher] of watchers)
      if (!wanted.has(folder)) {
        watcher.close();
        watchers.delete(folder);
      }
    for (const folder of wanted) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => lookIn(settleMs));
        // No watches left, or a file system that has none: looking is enough.
        watcher.on("error", () => {
          watcher.close();
          watchers.delete(folder);
        });
        watchers.set(folder, watcher);
      } catch {
        return;
      }
    }
  };

  const take = (scan: Scan, now: number): void => {
    settling = 0;
    const changes = state.take(scan, now, lookedAt);
    const first = taken === undefined;
    taken = scan;
    lookedAt = now;
    follow(scan);
    if (first) listener(state.lists(now));
    else if (changes.length > 0) listener(changes);
  };

  function look(): void {
    if (stopped) return;
    const now = clock.now();
    const scan = scanFolders(paths);
    const before = seen;
    seen = scan;
    // What could not be looked into yet is not empty: nothing is listed before it can be.
    if (taken === undefined && scan.trouble !== "") {
      lookIn(pollMs);
      return;
    }
    const isUnchanged = taken !== undefined && sameFiles(scan, taken) && !state.hasUnread();
    const isSettled = taken === undefined || (before !== undefined && sameFiles(scan, before));
    if (!isUnchanged && (isSettled || settling >= MAX_SETTLING)) take(scan, now);
    else if (!isUnchanged) {
      settling += 1;
      lookIn(settleMs);
      return;
    } else lookedAt = now;
    if (scan.trouble === "")
      listener(CATALOG_KINDS.map((kind) => ({ type: "alive", kind, at: now })));
    lookIn(pollMs);
  }

  const tellPast = async (): Promise<void> => {
    try {
      for (const path of paths) {
        const history = await openHistory(path, { ...options, labelOf });
        if (history === undefined) continue;
        for await (const { changes } of history.steps()) {
          if (stopped) return;
          listener([{ type: "past", changes }]);
        }
      }
    } catch (error) {
      // The folders count all the same.
      historyTrouble = error instanceof Error ? error.message : String(error);
    }
  };

  const statusOf = (kind: ObjectKind): CatalogKindStatus => {
    const trouble = isPolicyKind(kind)
      ? (taken ?? seen)?.trouble || state.kept()[0] || historyTrouble
      : "";
    const isStale = clock.now() - lookedAt > STALE_MS;
    const known = taken === undefined ? "starting" : isStale ? "stale" : "ok";
    return {
      kind,
      source: "folder",
      state: trouble === "" ? known : "failing",
      objects: state.count(kind),
      ...(taken === undefined ? {} : { aliveAt: lookedAt }),
      message: trouble,
    };
  };

  return {
    name: "folder",
    onChange: (given) => {
      listener = given;
    },
    async start() {
      if (options.history === true) await tellPast();
      if (!stopped && taken === undefined) look();
    },
    stop() {
      stopped = true;
      cancel();
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
      return Promise.resolve();
    },
    status: () =>
      CATALOG_KINDS.filter((kind) => isPolicyKind(kind) || state.count(kind) > 0).map(statusOf),
    problems: () => state.problems(),
  };
}

function isPolicyKind(kind: string): boolean {
  return kind.endsWith("Policy");
}
