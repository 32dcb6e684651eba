import type { Viewer } from "@dropscope/model";
import type { Knowledge } from "../knowledge.js";
import { type World, worldAt } from "@dropscope/tuning";

/** Worlds that are remembered, at most; one of a large cluster takes some ten megabytes. */
const MOST_KEPT = 4;

/**
 * Worlds as `worldAt` reads them, remembered for as long as the store says nothing else: of a quiet
 * cluster each is read once. One world is one object, so that what was made of it can be kept with it.
 */
export interface Worlds {
  /** @param pods namespaces whose pods are read */
  at(
    viewer: Viewer,
    at: number,
    pods: "all" | readonly string[],
    signal: AbortSignal,
  ): Promise<World>;
}

export function createWorlds(knowledge: Pick<Knowledge, "objects" | "profile">): Worlds {
  /** The one that was asked for longest ago comes first. */
  const kept = new Map<string, Promise<World>>();

  return {
    async at(viewer, at, pods, signal) {
      const { namespaces } = viewer;
      const key = JSON.stringify([
        // The name of the cluster may be learnt late.
        knowledge.profile,
        namespaces === "all" ? "*" : [...namespaces].sort(),
        pods === "all" ? "*" : [...new Set(pods)].sort(),
        await knowledge.objects.epoch(at, signal),
      ]);
      // Who asked first may go away while others wait: the reading is bounded by its own limits.
      const found =
        kept.get(key) ?? worldAt(knowledge, viewer, at, pods, new AbortController().signal);
      kept.delete(key);
      kept.set(key, found);
      found.catch(() => kept.delete(key));
      for (const old of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(old);
      return unlessAborted(found, signal);
    },
  };
}

function unlessAborted<T>(found: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void =>
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    if (signal.aborted) return gone();
    signal.addEventListener("abort", gone, { once: true });
    found.then(resolve, reject).finally(() => signal.removeEventListener("abort", gone));
  });
}
