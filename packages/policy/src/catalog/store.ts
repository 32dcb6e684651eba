import { createAddressIndex } from "./addresses.js";
import { keyOf, type ObjectId, type ObjectKind, type ObjectVersion } from "./objects.js";
import { createTimeline, type Timeline, type TimelineEvent } from "./timeline.js";

/** A moment at which an object changed. */
export interface ObjectChange {
  readonly at: number;
  readonly id: ObjectId;
  /** What it was until then; undefined when there was none of that name. */
  readonly before: ObjectVersion | undefined;
  /** What it is from then on; undefined when it is gone. */
  readonly after: ObjectVersion | undefined;
}

/** The versions of all objects, by name, by address and by time. */
export interface VersionStore {
  add(id: ObjectId, event: TimelineEvent): void;
  at(id: ObjectId, time: number): ObjectVersion | undefined;
  versions(key: string): readonly ObjectVersion[];
  /** Versions of all objects of some kinds. */
  ofKinds(kinds: readonly ObjectKind[]): Generator<ObjectVersion>;
  all(): Generator<ObjectVersion>;
  /** Names of the kind that an object has at `time`. */
  existing(kind: ObjectKind, time: number): ObjectId[];
  /** Key of the pod or node that has the address; pods of the host network have none of their own. */
  ownerAt(address: string, time: number): string | undefined;
  get(key: string, time: number): ObjectVersion | undefined;
  /** Changes after `from` and up to `to`, by time and name. */
  changes(from: number, to: number): ObjectChange[];
  forget(time: number): void;
  count(): number;
}

interface Entry {
  readonly id: ObjectId;
  readonly timeline: Timeline;
}

/** `changed` is called with the key and id of every object that was heard of. */
export function createVersionStore(changed: (key: string, id: ObjectId) => void): VersionStore {
  const entries = new Map<string, Entry>();
  const byKind = new Map<ObjectKind, Map<string, Entry>>();
  const addresses = createAddressIndex();
  /** Moments at which some object may have changed: checked when they are asked for, sorted when needed. */
  let moments: { at: number; key: string }[] = [];
  let sorted = true;

  const index = (key: string, { id, timeline }: Entry): void => {
    const versions = timeline.versions();
    if (id.kind === "Pod" || id.kind === "Node")
      addresses.set(
        key,
        versions.map(({ from, to, object }) => ({ from, to, addresses: addressesOf(object) })),
      );
    changed(key, id);
  };

  const note = (at: number, key: string): void => {
    if (!Number.isFinite(at)) return;
    if (at < (moments.at(-1)?.at ?? Number.NEGATIVE_INFINITY)) sorted = false;
    moments.push({ at, key });
  };

  const sort = (): void => {
    if (sorted) return;
    moments.sort((a, b) => a.at - b.at);
    sorted = true;
  };

  return {
    add: (id, event) => {
      const key = keyOf(id);
      let entry = entries.get(key);
      if (entry === undefined) {
        const { kind, namespace, name } = id;
        entry = { id: { kind, namespace, name }, timeline: createTimeline() };
        entries.set(key, entry);
        const others = byKind.get(kind) ?? new Map<string, Entry>();
        byKind.set(kind, others.set(key, entry));
      }
      const before = entry.timeline.versions();
      entry.timeline.add(event);
      // The event itself, and what it did to its neighbours.
      const known = new Set(before.flatMap(({ from, to }) => [from, to]));
      // A repetition leaves everything as it was.
      if (entry.timeline.versions() === before) return;
      for (const { from, to } of entry.timeline.versions())
        for (const at of [from, to]) if (!known.has(at)) note(at, key);
      index(key, entry);
    },
    at: (id, time) => entries.get(keyOf(id))?.timeline.at(time),
    get: (key, time) => entries.get(key)?.timeline.at(time),
    versions: (key) => entries.get(key)?.timeline.versions() ?? [],
    *ofKinds(kinds) {
      for (const kind of kinds)
        for (const { timeline } of byKind.get(kind)?.values() ?? []) yield* timeline.versions();
    },
    *all() {
      for (const { timeline } of entries.values()) yield* timeline.versions();
    },
    existing: (kind, time) =>
      [...(byKind.get(kind)?.values() ?? [])]
        .filter(({ timeline }) => timeline.at(time) !== undefined)
        .map(({ id }) => id),
    ownerAt: (address, time) => addresses.ownerAt(address, time),
    changes: (from, to) => {
      sort();
      const found: ObjectChange[] = [];
      const seen = new Set<string>();
      for (let i = firstAfter(moments, from); i < moments.length; i++) {
        const { at, key } = moments[i] as { at: number; key: string };
        if (at > to) break;
        const entry = entries.get(key);
        if (entry === undefined || seen.has(`${at} ${key}`)) continue;
        seen.add(`${at} ${key}`);
        const versions = entry.timeline.versions();
        const before = versions.find((version) => version.to === at);
        const after = versions.find((version) => version.from === at);
        if (before !== undefined || after !== undefined)
          found.push({ at, id: entry.id, before, after });
      }
      return found.sort((a, b) => a.at - b.at || (keyOf(a.id) < keyOf(b.id) ? -1 : 1));
    },
    forget: (time) => {
      for (const [key, entry] of entries) {
        if (!entry.timeline.forget(time)) {
          entries.delete(key);
          byKind.get(entry.id.kind)?.delete(key);
        }
        index(key, entry);
      }
      sort();
      moments = moments.slice(firstAfter(moments, time));
    },
    count: () => entries.size,
  };
}

function addressesOf(object: ObjectVersion["object"]): readonly string[] {
  if (object.kind === "Pod") return object.value.hostNetwork ? [] : object.value.addresses;
  return object.kind === "Node" ? object.value.addresses : [];
}

function firstAfter(moments: readonly { at: number }[], time: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle]?.at ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
