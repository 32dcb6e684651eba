import { createHash } from "node:crypto";
import type { Clock, PoliciesAnswer, Viewer } from "@dropscope/model";
import type { Finding } from "@dropscope/policy";
import type { Logger } from "pino";
import type { Knowledge } from "../knowledge.js";
import { isPolicyKind, type World } from "@dropscope/tuning";
import type { LintRun } from "./lint-thread.js";

/** Findings by policy (`kind/namespace/name`), with the lines of the policy's own text. */
export type FindingsByPolicy = ReadonlyMap<string, readonly Finding[]>;

export interface Lints {
  /** `running`: what is told is what was found before the last change. */
  readonly state: PoliciesAnswer["lint"];
  readonly findings: FindingsByPolicy;
}

/** Lints the policies of a moment with everything else that was there; remembers the last few answers. */
export interface Linter {
  /** Waits two seconds at most: what takes longer goes on, and is there at a later question. */
  lints(world: World, viewer: Viewer, signal: AbortSignal): Promise<Lints>;
  stop(): void;
}

const MOST_KEPT = 4;
const PATIENCE_MS = 2_000;

interface Kept {
  readonly scope: string;
  /** Never rejects; undefined where it could not be done. */
  readonly answer: Promise<FindingsByPolicy | undefined>;
  findings: FindingsByPolicy | undefined;
}

export function createLinter(
  knowledge: Pick<Knowledge, "objects" | "profile">,
  { run, clock, logger }: { run: LintRun; clock: Clock; logger: Logger },
): Linter {
  const kept = new Map<string, Kept>();

  async function findingsOf(world: World, viewer: Viewer): Promise<FindingsByPolicy> {
    const { objects, profile } = knowledge;
    const texts = await objects.manifests(
      world.policies.map(({ content }) => content),
      viewer,
    );
    const found = new Map<string, Finding[]>();
    const findings = await run.run({
      profile,
      texts: world.policies.map(({ kind, namespace, name, content }) => ({
        file: `${kind}/${namespace}/${name}`,
        text: texts.get(content) ?? "",
      })),
      objects: world.objects,
    });
    for (const finding of findings) {
      const some = found.get(finding.place.file);
      if (some === undefined) found.set(finding.place.file, [finding]);
      else some.push(finding);
    }
    return found;
  }

  function begun(key: string, scope: string, world: World, viewer: Viewer): Kept {
    const one: Kept = {
      scope,
      findings: undefined,
      answer: findingsOf(world, viewer).then(
        (findings) => (one.findings = findings),
        (error: unknown) => {
          logger.warn({ err: error }, "policies could not be linted");
          // Asked again it is tried again, but not at each look.
          clock.after(MINUTE_MS, () => kept.delete(key));
          return undefined;
        },
      ),
    };
    return one;
  }

  return {
    async lints(world, viewer, signal) {
      const scope = scopeOf(viewer);
      // The name of the cluster may be learnt late.
      const key = `${knowledge.profile.name} ${knowledge.profile.cluster} ${scope} ${shapeOf(world)}`;
      const before = [...kept.values()].findLast((one) => one.scope === scope && one.findings);
      const one = kept.get(key) ?? begun(key, scope, world, viewer);
      kept.delete(key);
      kept.set(key, one);
      for (const old of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(old);
      const found = one.findings ?? (await withPatience(one.answer, clock, signal));
      if (found === "late") return { state: "running", findings: before?.findings ?? new Map() };
      return found === undefined
        ? { state: "failed", findings: before?.findings ?? new Map() }
        : { state: "done", findings: found };
    },
    stop: () => run.stop(),
  };
}

const MINUTE_MS = 60_000;

/** @param answer never rejects */
async function withPatience<T>(
  answer: Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | "late"> {
  let end = (): void => undefined;
  const late = new Promise<"late">((resolve) => {
    end = () => resolve("late");
  });
  const cancel = clock.after(PATIENCE_MS, end);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
    signal.removeEventListener("abort", end);
  }
}

function scopeOf({ namespaces }: Viewer): string {
  return namespaces === "all" ? "*" : JSON.stringify([...namespaces].sort());
}

const shapes = new WeakMap<World, string>();

/** Pods come and go; what they are does not, and lints look at no more. */
function shapeOf(world: World): string {
  const known = shapes.get(world);
  if (known !== undefined) return known;
  const others = new Set<string>();
  for (const object of world.objects) {
    if (object.kind === "Pod") {
      const { namespace, value } = object;
      const { labels, ports, hostNetwork, serviceAccount } = value;
      others.add(JSON.stringify([namespace, labels, ports, hostNetwork, serviceAccount]));
    } else if (!isPolicyKind(object.kind)) others.add(JSON.stringify([object.kind, object.value]));
  }
  const hash = createHash("sha256");
  for (const { kind, namespace, name, content } of world.policies)
    hash.update(JSON.stringify([kind, namespace, name, content]));
  for (const other of [...others].sort()) hash.update(other);
  const shape = hash.digest("hex");
  shapes.set(world, shape);
  return shape;
}
