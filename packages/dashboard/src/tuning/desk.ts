import { type Clock, DropscopeError, type Viewer } from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";
import { Problem } from "../problem.js";
import { parseFilter } from "../query/filter.js";
import type { World } from "@dropscope/tuning";
import type { Worlds } from "../world/worlds.js";
import type {
  ClusterInput,
  TuningAnswers,
  TuningInput,
  TuningKeys,
  TuningQuestion,
  TuningRun,
} from "./question.js";
import type { TuningRange } from "./traffic-range.js";

/** Who asks about which traffic. */
export interface TuningScope {
  readonly viewer: Viewer;
  readonly range: TuningRange;
  /** Only traffic with an end in it; undefined: all that the viewer may see. */
  readonly namespace: string | undefined;
  /** How old the end of a range that is open may be, ms: an edit is held against what the one before it was. */
  readonly staleMs: number;
  /** How old the cluster may be, ms: where pods come and go it is another one each second. */
  readonly clusterStaleMs: number;
  readonly signal: AbortSignal;
}

/**
 * Brings traffic, cluster and question together. Traffic is folded in the store once for a range and a
 * namespace, and lies where the answers are made: what is asked next about it costs no query.
 */
export interface TuningDesk {
  /** @throws Problem, and what the store throws */
  ask<Question extends TuningQuestion>(
    question: Question,
    scope: TuningScope,
  ): Promise<TuningAnswers[Question["of"]]>;
  stop(): void;
}

/** Pieces of traffic and clusters that are kept together, at most. */
const MOST_KEPT = 6;
/** Nothing is kept longer: late flows come, too. */
const LONGEST_MS = 15 * 60_000;
const TRIES = 3;

interface Kept {
  readonly life: number;
  readonly since: number;
  /** Resolves when it was read, and lies there unless it was pushed out meanwhile. */
  ready: Promise<void>;
  lies: boolean;
}

export function createTuningDesk(
  knowledge: Pick<Knowledge, "observed" | "objects" | "profile">,
  worlds: Worlds,
  { run, clock }: { readonly run: TuningRun; readonly clock: Clock },
): TuningDesk {
  /** The one that was asked for longest ago comes first. */
  const kept = new Map<string, Kept>();
  /** Ranges that end when they were asked for, by what was asked. */
  const ends = new Map<string, { readonly at: number; readonly range: TuningRange }>();
  const clusterKeys = new WeakMap<World, string>();
  /** The newest world of each viewer's scope. */
  const newest = new Map<string, { readonly at: number; readonly world: World }>();
  let clusters = 0;
  /** One question after the other: what nobody waits for any more is not begun. */
  let queue: Promise<unknown> = Promise.resolve();

  function settled(range: TuningRange, staleMs: number): TuningRange {
    if (!range.isOpen) return range;
    const now = clock.now();
    const key = range.asked;
    const known = ends.get(key);
    if (known !== undefined && now - known.at <= staleMs) return known.range;
    ends.delete(key);
    ends.set(key, { at: now, range });
    for (const old of ends.keys()) if (ends.size > MOST_KEPT) ends.delete(old);
    return range;
  }

  /** Sees to it that something lies where the answers are made; reads it where it does not. */
  function laid(key: string, read: () => Promise<TuningInput>): Promise<void> {
    const known = kept.get(key);
    const isGood =
      known !== undefined && known.life === run.life && clock.now() - known.since <= LONGEST_MS;
    const one = isGood ? known : begun(key, read);
    kept.delete(key);
    kept.set(key, one);
    for (const old of kept.keys()) {
      if (kept.size <= MOST_KEPT) break;
      kept.delete(old);
      run.forget(old);
    }
    return one.ready;
  }

  function begun(key: string, read: () => Promise<TuningInput>): Kept {
    const one: Kept = {
      life: run.life,
      since: clock.now(),
      lies: false,
      ready: Promise.resolve(),
    };
    one.ready = lay(key, one, read);
    return one;
  }

  async function lay(key: string, one: Kept, read: () => Promise<TuningInput>): Promise<void> {
    try {
      const input = await read();
      if (kept.get(key) !== one) return;
      run.keep(key, input);
      one.lies = true;
    } catch (error) {
      if (kept.get(key) === one) kept.delete(key);
      throw error;
    }
  }

  function lies(key: string): boolean {
    const one = kept.get(key);
    return one?.lies === true && one.life === run.life;
  }

  /** The cluster at the end of the range. */
  async function worldOf(scope: TuningScope, { isOpen, until }: TuningRange): Promise<World> {
    const { viewer, signal, clusterStaleMs } = scope;
    const now = clock.now();
    if (!isOpen) return worlds.at(viewer, Math.min(now, Number(until / 1_000_000n)), "all", signal);
    const key = scopeOf(viewer);
    const known = newest.get(key);
    if (known !== undefined && now - known.at < clusterStaleMs) return known.world;
    const world = await worlds.at(viewer, now, "all", signal);
    newest.delete(key);
    newest.set(key, { at: now, world });
    for (const old of newest.keys()) if (newest.size > MOST_KEPT) newest.delete(old);
    return world;
  }

  async function keysOf(scope: TuningScope): Promise<TuningKeys> {
    const { viewer, namespace } = scope;
    const range = settled(scope.range, scope.staleMs);
    const { since, until } = range;
    const traffic = `traffic ${scopeOf(viewer)} ${namespace ?? "*"} ${since} ${until}`;
    const world = await worldOf(scope, range);
    const key = clusterKeys.get(world) ?? `cluster ${(clusters += 1)}`;
    clusterKeys.set(world, key);
    // Who asked first may go away while others wait: the reading is bounded by the store's limits.
    const { signal: own } = new AbortController();
    await Promise.all([
      laid(traffic, async () => {
        const selection = parseFilter(namespace === undefined ? "" : `--namespace ${namespace}`);
        const query = { viewer, selection, since, until };
        return { of: "traffic", traffic: await knowledge.observed.traffic(query, own) };
      }),
      laid(key, async () => ({
        of: "cluster",
        cluster: await clusterInput(knowledge, world, viewer),
      })),
    ]);
    return { traffic, cluster: key };
  }

  return {
    async ask<Question extends TuningQuestion>(question: Question, scope: TuningScope) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const keys = await keysOf(scope);
        const answer = queue.then(async () => {
          scope.signal.throwIfAborted();
          // Others may have pushed it out, or the thread may have ended, while this one waited.
          if (!lies(keys.traffic) || !lies(keys.cluster)) return undefined;
          return (await run.ask(question, keys)) as TuningAnswers[Question["of"]];
        });
        queue = answer.catch(() => undefined);
        const found = await answer.catch((error: unknown) => {
          throw asProblem(error);
        });
        if (found !== undefined) return found;
      }
      throw new Problem(
        503,
        "TUNING_BUSY",
        "Too many questions about traffic are asked at once.",
        "Ask again in a moment.",
        { retryAfter: 5 },
      );
    },
    stop: () => run.stop(),
  };
}

const STATUS: Readonly<Record<string, number>> = {
  TUNING_EMPTY: 404,
  TUNING_NO_NAMESPACE: 404,
  TUNING_NO_WORKLOAD: 404,
  TUNING_NO_EDGE: 400,
};

/** Errors of the answers are about what was asked; of those that say nothing else, the asker can do something about it. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof DropscopeError) || error instanceof Problem) return error;
  const { code, message, next } = error;
  return new Problem(STATUS[code] ?? 422, code, message, next);
}

async function clusterInput(
  { objects, profile }: Pick<Knowledge, "objects" | "profile">,
  world: World,
  viewer: Viewer,
): Promise<ClusterInput> {
  const texts = await objects.manifests(
    [...new Set(world.policies.map(({ content }) => content))],
    viewer,
  );
  return {
    at: world.at,
    profile,
    objects: world.objects,
    texts: world.policies.map(({ kind, namespace, name, content, from }) => ({
      key: `${kind}/${namespace}/${name}`,
      file: `${name}.yaml`,
      text: texts.get(content) ?? "",
      ...(Number.isFinite(from) ? { since: from } : {}),
    })),
  };
}

function scopeOf({ namespaces, seesL7 }: Viewer): string {
  return JSON.stringify([namespaces === "all" ? "*" : [...namespaces].sort(), seesL7]);
}
