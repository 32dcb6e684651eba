import type { KnownAnswer } from "@dropscope/model";
import { LOCAL_VIEWER } from "@dropscope/model";
import type { ObjectReader, ObjectWatch } from "@dropscope/store";
import type { Knowledge } from "../knowledge.js";
import { POLICY_KINDS } from "@dropscope/tuning";

/** Since when what is known. Names nothing, and so is the same for every viewer. */
export async function knownSince(
  { compare, objects }: Pick<Knowledge, "compare" | "objects">,
  signal: AbortSignal,
): Promise<KnownAnswer> {
  const [stored, watches, policies] = await Promise.all([
    compare.since(signal),
    objects.watches({}, signal),
    policiesKnownSince(objects, signal),
  ]);
  const ms = (ns: bigint | undefined): number | null =>
    ns === undefined ? null : Number(ns / 1_000_000n);
  return {
    flows: ms(stored.flows),
    counts: ms(stored.counts),
    policies,
    pods: firstList(watches, ["Pod"]),
  };
}

/**
 * Before the first list nobody watched: what a policy said then is a guess. Versions that had
 * ended by then were learned from history, and reach further back.
 */
export async function policiesKnownSince(
  objects: Pick<ObjectReader, "watches" | "versions">,
  signal: AbortSignal,
): Promise<number | null> {
  const [watches, versions] = await Promise.all([
    objects.watches({}, signal),
    objects.versions({ viewer: LOCAL_VIEWER, kinds: POLICY_KINDS }, signal),
  ]);
  const listed = firstList(watches, POLICY_KINDS) ?? Number.POSITIVE_INFINITY;
  const since = versions
    .filter(({ from, to }) => Number.isFinite(from) && (to <= listed || listed === Infinity))
    .reduce((first, { from }) => Math.min(first, from), listed);
  return Number.isFinite(since) ? since : null;
}

function firstList(watches: readonly ObjectWatch[], kinds: readonly string[]): number | null {
  const times = watches.filter(({ kind }) => kinds.includes(kind)).map(({ listedAt }) => listedAt);
  return times.length === 0 ? null : times.reduce((first, at) => Math.min(first, at));
}
