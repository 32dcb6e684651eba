import { stringify } from "yaml";
import type { World } from "../cluster/world.js";
import type { PolicyInForce } from "./judge.js";
import { worldManifests } from "./world-manifests.js";

/** The file of the cluster itself, beside those of its policies. */
export const WORLD_FILE = "world.yaml";

/** The first line of every file of ours: what lacks it is never replaced. */
export const MARK = "# Written by `dropscope simulate`; replaced as the simulation goes on.\n";

export function policyYaml({ policy, uid }: Pick<PolicyInForce, "policy" | "uid">): string {
  return stringify({ ...policy, metadata: { ...policy.metadata, uid } });
}

/** The cluster as Kubernetes manifests in one file. */
export function worldYaml(world: World): string {
  return worldManifests(world)
    .map((manifest) => stringify(manifest))
    .join("---\n");
}
