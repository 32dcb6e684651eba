import type { Clock, DropExplanation, Flow } from "@dropscope/model";
import type { ProblemRecord } from "@dropscope/store";
import { keysOf, type FoldKeys, type NameOf, type ProblemKey } from "./keys.js";
import { PROBLEM_LIMITS, type ProblemLimits, SHARES } from "./limits.js";
import { newRecord, type Sighting, withFinding, withSighting } from "./record.js";
import { RecentMap } from "./recent-map.js";

/** An explained flow on its way into the book. */
export interface Folding {
  readonly flow: Flow;
  /** The store's id of the flow. */
  readonly uuid: string;
  readonly timeNs: bigint;
  readonly landedAt: number;
  readonly explanation: DropExplanation;
  /** The store's id of the other event of the packet, where it came before. */
  readonly partner?: string;
  /** Where the flow was folded before: it stays there, whatever is known of it by now. */
  readonly problem?: string;
}

export interface Folded {
  readonly problem: string;
  readonly pod: string;
  readonly peer: string;
}

/**
 * Folds drops into problems. Bounded: where one workload, namespace or cluster has too many,
 * further ones are no longer told apart, so that there are some thousands at most; and of those
 * the ones that were quiet for longest leave the memory and are asked of the store again. What
 * is in the store decides, so that a restart changes nothing:
 *
 *     index(all ids) ─▶ missing(foldings) ─▶ load(their records) ─▶ fold(each) ─▶ changed() ─▶ saved()
 */
export interface ProblemBook {
  /** What the store has; at the start, and now and then since problems expire. */
  index(stored: Iterable<Pick<ProblemRecord, "id" | "families">>): void;
  /** Ids of records that must be loaded before these can be folded. */
  missing(foldings: readonly Folding[]): string[];
  load(records: readonly ProblemRecord[]): void;
  fold(folding: Folding): Folded;
  /** Says that a DNS finding belongs to a problem. */
  link(problem: string, finding: string): void;
  /** Where a flow was folded, if that was not long ago. */
  problemOf(uuid: string): string | undefined;
  get(id: string): ProblemRecord | undefined;
  /** Those in memory. */
  records(): Iterable<ProblemRecord>;
  /** What is to be stored: everything new, and what changed and was not stored for `quietMs`. */
  changed(quietMs: number): ProblemRecord[];
  saved(records: readonly ProblemRecord[]): void;
  size(): { readonly problems: number; readonly records: number; readonly flows: number };
}

export interface ProblemBookOptions {
  readonly clock: Pick<Clock, "now">;
  readonly limits?: ProblemLimits;
  /** Names of addresses that were looked up. */
  readonly nameOf?: NameOf;
  /** How long nothing may come of a problem before it is resolved, ms. */
  readonly resolvedAfterMs?: number;
}

interface Entry {
  record: ProblemRecord;
  isDirty: boolean;
  /** ms since 1970; −∞ when it is not in the store. */
  savedAt: number;
}

export function createProblemBook(options: ProblemBookOptions): ProblemBook {
  const { clock, limits = PROBLEM_LIMITS, nameOf = () => undefined } = options;
  const episodeMs = options.resolvedAfterMs;
  const entries = new RecentMap<Entry>();
  const flows = new RecentMap<string>();
  let known = new Set<string>();
  /** How many problems each family has. */
  let sizes = new Map<string, number>();
  let keysKnown = new WeakMap<Folding, FoldKeys>();

  const keys = (folding: Folding): FoldKeys => {
    const before = keysKnown.get(folding);
    if (before !== undefined) return before;
    const made = keysOf(folding.flow, folding.explanation, nameOf);
    keysKnown.set(folding, made);
    return made;
  };

  const isAllowed = (key: ProblemKey, above: readonly ProblemKey[]): boolean =>
    above.every(({ id, folded }) => {
      if (folded === "") return true;
      return (sizes.get(id) ?? 0) < limits.sizes[folded] * SHARES[key.folded];
    });

  /** The finest key that is there or may be made. The coarsest always may. */
  const keyFor = ({
    exact,
    coarser,
  }: FoldKeys): { key: ProblemKey; above: readonly ProblemKey[] } => {
    if (known.has(exact.id)) return { key: exact, above: coarser() };
    const all = [exact, ...coarser()];
    for (const [i, key] of all.entries()) {
      const above = all.slice(i + 1);
      if (known.has(key.id) || isAllowed(key, above)) return { key, above };
    }
    return { key: all.at(-1) as ProblemKey, above: [] };
  };

  /** A flow that was folded before stays where it was. */
  const formerKey = (id: string, { exact, coarser }: FoldKeys) => {
    const all = [exact, ...coarser()];
    const at = all.findIndex((key) => key.id === id);
    // Its key is made otherwise by now (the name of an address is forgotten): its id still counts.
    if (at < 0) return { key: { ...exact, id }, above: coarser() };
    return { key: all[at] as ProblemKey, above: all.slice(at + 1) };
  };

  const put = (id: string, record: ProblemRecord): void => {
    const savedAt = entries.get(id)?.savedAt ?? Number.NEGATIVE_INFINITY;
    entries.set(id, { record, isDirty: true, savedAt });
  };

  const see = (id: string, folding: Folding, found: FoldKeys): Folded => {
    const entry = entries.get(id);
    if (entry !== undefined)
      put(id, withSighting(entry.record, sightingOf(folding, found), episodeMs));
    flows.set(folding.uuid, id);
    return { problem: id, pod: found.pod, peer: found.peer };
  };

  return {
    index(stored) {
      known = new Set();
      sizes = new Map();
      for (const { id, families } of stored) count(id, families);
      // What is new here is not there yet.
      for (const { record } of entries.values()) count(record.id, record.families);
    },
    missing(foldings) {
      const wanted = new Set<string>();
      for (const folding of foldings) {
        const found = keys(folding);
        const id = folding.problem ?? partnerOf(folding) ?? keyFor(found).key.id;
        if (known.has(id) && !entries.has(id)) wanted.add(id);
      }
      return [...wanted];
    },
    load(records) {
      for (const record of records)
        if (!entries.has(record.id))
          entries.set(record.id, { record, isDirty: false, savedAt: clock.now() });
    },
    fold(folding) {
      const found = keys(folding);
      const former = folding.problem ?? partnerOf(folding);
      if (former !== undefined && entries.has(former)) return see(former, folding, found);
      const { key, above } =
        (former === undefined ? undefined : formerKey(former, found)) ?? keyFor(found);
      if (!entries.has(key.id)) {
        const families = above.map(({ id }) => id);
        count(key.id, families);
        const first = sightingOf(folding, found);
        put(key.id, newRecord(key, families, folding.explanation, first, episodeMs));
      }
      return see(key.id, folding, found);
    },
    link(id, finding) {
      const record = entries.get(id)?.record;
      if (record === undefined) return;
      const linked = withFinding(record, finding);
      if (linked !== record) put(id, linked);
    },
    problemOf: (uuid) => flows.get(uuid),
    get: (id) => entries.get(id)?.record,
    records: () => [...entries.values()].map(({ record }) => record),
    changed(quietMs) {
      const before = clock.now() - quietMs;
      return [...entries.values()]
        .filter(({ isDirty, savedAt }) => isDirty && savedAt <= before)
        .map(({ record }) => record);
    },
    saved(records) {
      const now = clock.now();
      for (const record of records) {
        const entry = entries.get(record.id);
        if (entry === undefined) continue;
        entry.savedAt = now;
        if (entry.record === record) entry.isDirty = false;
      }
      entries.shrink(limits.records, (_, { isDirty }) => !isDirty);
      flows.shrink(limits.flows);
      keysKnown = new WeakMap();
    },
    size: () => ({ problems: known.size, records: entries.size, flows: flows.size }),
  };

  function count(id: string, families: readonly string[]): void {
    if (known.has(id)) return;
    known.add(id);
    for (const family of families) sizes.set(family, (sizes.get(family) ?? 0) + 1);
  }

  function partnerOf({ partner }: Folding): string | undefined {
    return partner === undefined ? undefined : flows.get(partner);
  }
}

function sightingOf(folding: Folding, { pod, peer }: FoldKeys): Sighting {
  const { uuid, timeNs, landedAt, explanation, flow } = folding;
  return { uuid, timeNs, landedAt, explanation, pod, peer, node: flow.node_name ?? "" };
}
