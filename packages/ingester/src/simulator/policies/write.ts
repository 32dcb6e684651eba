import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DropscopeError, EXIT } from "@dropscope/model";
import { stringify } from "yaml";
import type { World } from "../cluster/world.js";
import type { Incident } from "../incidents/types.js";
import { fileOf } from "./shop-policies.js";
import type { Scene } from "./scene.js";
import { worldManifests } from "./world-manifests.js";

/**
 * Keeps a folder equal to what is in force: one file per policy and `world.yaml`. A
 * file is replaced in one step, so a watcher never reads half of one.
 */
export interface PolicyFolder {
  /**
   * Writes everything, or nothing.
   * @throws DropscopeError `SIMULATOR_FOREIGN_FILE` when that would replace a file of somebody else
   */
  writeAll(): void;
  /** Writes one file again. */
  write(file: string): void;
}

export function createPolicyFolder(dir: string, scene: Scene): PolicyFolder {
  const write = (file: string): void => {
    const text = file === "world.yaml" ? worldYaml(scene.world) : policyYaml(scene, file);
    if (text !== undefined) put(join(dir, file), text);
  };
  return {
    write,
    writeAll() {
      mkdirSync(dir, { recursive: true });
      const files = [...scene.policies().keys(), "world.yaml"];
      for (const file of files) refuseForeign(join(dir, file));
      for (const file of files) write(file);
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

/** The first line of every file of ours: what lacks it is never replaced. */
const MARK = "# Written by `dropscope simulate`; replaced as the simulation goes on.\n";

function put(path: string, text: string): void {
  refuseForeign(path);
  const temporary = `${path}.tmp`;
  writeFileSync(temporary, MARK + text);
  renameSync(temporary, path);
}

function refuseForeign(path: string): void {
  if (!existsSync(path) || readFileSync(path, "utf8").startsWith(MARK)) return;
  throw new DropscopeError(
    "SIMULATOR_FOREIGN_FILE",
    `${path} exists and was not written by the simulator.`,
    {
      next: "Give --policies a folder of its own, or move the file away.",
      exitCode: EXIT.failed,
    },
  );
}

export function policyYaml(scene: Scene, file: string): string | undefined {
  const entry = scene.policies().get(file);
  if (entry === undefined) return undefined;
  const { policy, uid } = entry;
  return stringify({ ...policy, metadata: { ...policy.metadata, uid } });
}

/** The cluster as Kubernetes manifests in one file. */
export function worldYaml(world: World): string {
  return worldManifests(world)
    .map((manifest) => stringify(manifest))
    .join("---\n");
}
