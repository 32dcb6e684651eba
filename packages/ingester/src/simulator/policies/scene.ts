import type { World } from "../cluster/world.js";
import { workloadOf } from "../cluster/world.js";
import type { Random } from "../random.js";
import { createJudge, type Judge, type PolicyInForce } from "./judge.js";
import { fileOf, shopPolicies } from "./shop-policies.js";
import type { ShopPolicy } from "./types.js";

/** One moment at which what is in force changed. */
export interface SceneChange {
  /** ns since the start of the simulation. */
  at: number;
  /** File of the policy that was replaced, or `world.yaml` when workloads were scaled. */
  file: string;
}

/** What is in force now: the policies and the workloads that run. Incidents change it. */
export interface Scene {
  readonly world: World;
  readonly judge: Judge;
  policies(): Map<string, PolicyInForce>;
  apply(policy: ShopPolicy, at: number): void;
  /** Scales a workload up or down to nothing. */
  setRunning(workload: string, running: boolean, at: number): void;
}

export function createScene(
  world: World,
  random: Random,
  onChange: (change: SceneChange) => void = () => {},
): Scene {
  let revision = 1;
  const inForce = new Map<string, PolicyInForce>();
  for (const [file, policy] of shopPolicies()) {
    revision++;
    inForce.set(file, { policy, uid: random.uuid(), revision });
  }
  return {
    world,
    judge: createJudge(
      () => inForce.values(),
      (name) => world.namespaces.get(name)?.labels ?? {},
    ),
    policies: () => new Map(inForce),
    apply(policy, at) {
      const file = fileOf(policy);
      // An edited object keeps its uid; the agent's revision counts on.
      const uid = inForce.get(file)?.uid ?? random.uuid();
      revision++;
      inForce.set(file, { policy, uid, revision });
      onChange({ at, file });
    },
    setRunning(path, running, at) {
      const workload = workloadOf(world, path);
      if (workload.running === running) return;
      workload.running = running;
      onChange({ at, file: "world.yaml" });
    },
  };
}
