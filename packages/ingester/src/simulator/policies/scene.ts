import type { World } from "../cluster/world.js";
import { workloadOf } from "../cluster/world.js";
import type { Random } from "../random.js";
import type { PolicyEngine, PolicyFile } from "./engine.js";
import { createJudge, type Judge, type PolicyInForce } from "./judge.js";
import { createObeyed } from "./obeyed.js";
import { fileOf, shopPolicies } from "./shop-policies.js";
import type { ShopPolicy } from "./types.js";
import { MARK, policyYaml, WORLD_FILE, worldYaml } from "./yaml.js";

/** One moment at which what is in force changed. */
export interface SceneChange {
  /** ns since the start of the simulation. */
  at: number;
  /** File of the policy that was replaced, or `world.yaml` when workloads were scaled. */
  file: string;
}

/** What became of an edit that somebody made to a file. */
export interface EditOutcome {
  readonly file: string;
  readonly outcome: "obeyed" | "refused" | "removed" | "back";
  /** Why it is refused; its last good version stays in force. */
  readonly why: string;
}

/** What is in force now: the policies and the workloads that run. Incidents change it. */
export interface Scene {
  readonly world: World;
  readonly judge: Judge;
  policies(): Map<string, PolicyInForce>;
  apply(policy: ShopPolicy, at: number): void;
  /** Scales a workload up or down to nothing. */
  setRunning(workload: string, running: boolean, at: number): void;
  /**
   * Puts somebody's version of a file into force, which incidents change no more; a text
   * that is ours gives the file back to them. Nothing where there is no engine to read it.
   * @param text undefined: the file is gone, and so are its policies
   * @returns undefined when nothing changed by it
   */
  edit(file: string, text: string | undefined): EditOutcome | undefined;
}

/** @param engine reads policies that are not the shop's own; without one there are no edits */
export function createScene(
  world: World,
  random: Random,
  onChange: (change: SceneChange) => void = () => {},
  engine?: PolicyEngine,
): Scene {
  let revision = 1;
  const inForce = new Map<string, PolicyInForce>();
  for (const [file, policy] of shopPolicies()) {
    revision++;
    inForce.set(file, { policy, uid: random.uuid(), revision });
  }
  /** Files of somebody else; undefined: removed. */
  const edited = new Map<string, { text: string | undefined; uid: string; revision: number }>();

  const files = (): PolicyFile[] => {
    const names = [...new Set([...inForce.keys(), ...edited.keys()])];
    const texts = names.flatMap((name): PolicyFile[] => {
      const entry = inForce.get(name);
      const other = edited.get(name);
      const text = other === undefined ? entry && policyYaml(entry) : other.text;
      return text === undefined ? [] : [{ name, text }];
    });
    return [...texts, { name: WORLD_FILE, text: worldYaml(world) }];
  };
  const obeyed =
    engine &&
    createObeyed(engine, files, (file) => {
      const entry = inForce.get(file);
      const other = edited.get(file);
      return {
        uid: entry?.uid ?? other?.uid ?? "",
        revision: other?.revision ?? entry?.revision ?? revision,
      };
    });
  const changed = (change?: SceneChange): void => {
    obeyed?.changed();
    if (change !== undefined) onChange(change);
  };

  return {
    world,
    judge:
      obeyed?.judge ??
      createJudge(
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
      // What somebody wrote stays as he wrote it.
      if (!edited.has(file)) changed({ at, file });
    },
    setRunning(path, running, at) {
      const workload = workloadOf(world, path);
      if (workload.running === running) return;
      workload.running = running;
      changed({ at, file: WORLD_FILE });
    },
    edit(file, text) {
      if (engine === undefined) return undefined;
      const own = inForce.get(file);
      if (own !== undefined && text === MARK + policyYaml(own)) {
        if (!edited.delete(file)) return undefined;
        changed();
        return { file, outcome: "back", why: "" };
      }
      const before = edited.get(file);
      if (before === undefined ? text === undefined && own === undefined : before.text === text)
        return undefined;
      const why = text === undefined ? "" : engine.refusal({ name: file, text });
      if (why !== "") return { file, outcome: "refused", why };
      revision++;
      edited.set(file, { text, revision, uid: before?.uid ?? random.uuid() });
      changed();
      return { file, outcome: text === undefined ? "removed" : "obeyed", why: "" };
    },
  };
}
