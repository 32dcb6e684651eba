import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";
import { stringify } from "yaml";
import type { Incident } from "../incidents/types.js";
import { fileOf } from "./shop-policies.js";
import type { Scene } from "./scene.js";
import { MARK, policyYaml, WORLD_FILE, worldYaml } from "./yaml.js";

/**
 * Keeps a folder equal to what is in force: one file per policy and `world.yaml`. A
 * file is replaced in one step, so a watcher never reads half of one.
 */
export interface PolicyFolder {
  /**
   * Writes everything, or nothing; where edits are obeyed, a file of somebody else is one and stays.
   * @param at since when it holds, as for `write`
   * @throws DropscopeError `SIMULATOR_FOREIGN_FILE` when that would replace a file of somebody else
   */
  writeAll(at?: number): void;
  /**
   * Writes one file again.
   * @param at ms since 1970 when it changed: the time that the file gets, for on a busy machine
   *   packets that were judged by it are older than the moment of writing. Now when absent.
   */
  write(file: string, at?: number): void;
  /** Whether that is what was written there last; once it was something else, it no longer is. */
  isOwn(file: string, text: string): boolean;
}

/** @param obeysEdits what somebody else wrote there holds */
export function createPolicyFolder(dir: string, scene: Scene, obeysEdits = false): PolicyFolder {
  const own = new Map<string, string>();
  const write = (file: string, at?: number): void => {
    const entry = scene.policies().get(file);
    const text =
      file === WORLD_FILE
        ? worldYaml(scene.world)
        : entry === undefined
          ? entry
          : policyYaml(entry);
    if (text === undefined) return;
    put(join(dir, file), text, at);
    own.set(file, MARK + text);
  };
  return {
    write,
    isOwn(file, text) {
      if (own.get(file) === text) return true;
      own.delete(file);
      return false;
    },
    writeAll(at) {
      mkdirSync(dir, { recursive: true });
      const files = [...scene.policies().keys(), WORLD_FILE];
      const isTheirs = (file: string): boolean =>
        obeysEdits && file !== WORLD_FILE && isForeign(join(dir, file));
      const ours = files.filter((file) => !isTheirs(file));
      for (const file of ours) refuseForeign(join(dir, file));
      for (const file of ours) write(file, at);
    },
  };
}

/**
 * Every version that an incident puts into force, for reading side by side:
 * `DIR/<incident>/<phase>/<policy>.yaml`. Not for a folder that is loaded as a whole,
 * where two files of one policy would contradict each other.
 */
export function writeIncidentVersions(dir: string, incidents: readonly Incident[]): void {
  for (const incident of incidents) {
    for (const phase of incident.phases) {
      for (const policy of phase.policies ?? []) {
        const folder = join(dir, incident.name, phase.name);
        mkdirSync(folder, { recursive: true });
        put(join(folder, fileOf(policy)), `# ${incident.summary}\n${stringify(policy)}`);
      }
    }
  }
}

function put(path: string, text: string, at?: number): void {
  refuseForeign(path);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, MARK + text);
  if (at !== undefined) utimesSync(temporary, at / 1000, at / 1000);
  renameSync(temporary, path);
}

function isForeign(path: string): boolean {
  return existsSync(path) && !readFileSync(path, "utf8").startsWith(MARK);
}

function refuseForeign(path: string): void {
  if (!isForeign(path)) return;
  throw new DropscopeError(
    "SIMULATOR_FOREIGN_FILE",
    `${path} exists and was not written by the simulator.`,
    {
      next: "Give --policies a folder of its own, or move the file away.",
      exitCode: EXIT.failed,
    },
  );
}
