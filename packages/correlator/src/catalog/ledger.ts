import type { Catalog, ObjectId, ObjectKind } from "@dropscope/policy";
import {
  storedTime,
  type ObjectVersionRow,
  type ObjectWatch,
  type VersionWrite,
} from "@dropscope/store";
import { meaningOf } from "./meaning.js";
import { keyOf } from "./objects.js";
import type { Observed, PastChange, SourceChange } from "./source.js";

/** A version that still holds. */
interface Open {
  readonly id: ObjectId;
  readonly row: ObjectVersionRow;
}

/**
 * Turns what sources tell into changes of the catalog and into rows of the store, so that both
 * hold the same versions. Of each object there is one version at a time, and times only grow:
 * a clock that is set back makes no version end before it began.
 */
export interface Ledger {
  /** What the store holds; before anything is applied. */
  load(rows: readonly ObjectVersionRow[], watches: readonly ObjectWatch[]): void;
  /** @returns rows to be stored, in order */
  apply(source: string, change: SourceChange): VersionWrite[];
  /** The lists of this run, up to their last sign of life. */
  watches(): ObjectWatch[];
  /** Versions that hold now. */
  open(): Iterable<ObjectVersionRow>;
  /** Number of objects that exist now. */
  count(kind: ObjectKind): number;
  /** Forgets what ended before `time`. */
  forget(time: number): void;
}

/** The least time between two versions of one object, ms: the µs of the store. */
const TICK_MS = 0.001;

/** @param sources names of the live ones: they do not end each other's objects */
export function createLedger(
  catalog: Pick<Catalog, "apply" | "load">,
  sources: readonly string[],
): Ledger {
  const opens = new Map<ObjectKind, Map<string, Open>>();
  /** When the last version of an object that is gone ended. */
  const ended = new Map<string, number>();
  /** By source and kind: when it was last known that nothing was missed. */
  const known = new Map<string, number>();
  const watches = new Map<string, ObjectWatch>();

  const ofKind = (kind: ObjectKind): Map<string, Open> => {
    let found = opens.get(kind);
    if (found === undefined) opens.set(kind, (found = new Map()));
    return found;
  };

  /** The first moment at which the object may change again. */
  const atLeast = (key: string, open: Open | undefined, at: number): number => {
    const before = open?.row.from ?? ended.get(key) ?? Number.NEGATIVE_INFINITY;
    return storedTime(Math.max(at, before + TICK_MS));
  };

  const close = (key: string, { id, row }: Open, to: number): VersionWrite => {
    ofKind(id.kind).delete(key);
    ended.set(key, to);
    return { version: { ...row, to } };
  };

  const past = (source: string, change: PastChange): VersionWrite[] => {
    const { kind } = change.type === "set" ? change.observed.object : change.id;
    return change.at > (known.get(`${source}/${kind}`) ?? Number.NEGATIVE_INFINITY)
      ? apply(source, change)
      : [];
  };

  const set = (source: string, observed: Observed, at: number): VersionWrite[] => {
    const { object, uid = "", resourceVersion = "", manifest = "" } = observed;
    const { kind, namespace, name } = object;
    const key = keyOf(object);
    const open = ofKind(kind).get(key);
    const content = meaningOf(object);
    const sameOne = open !== undefined && isSame(open.row.uid, uid);
    if (sameOne && open.row.content === content) return [];
    const from = atLeast(key, open, at);
    const version: ObjectVersionRow = {
      kind,
      namespace,
      name,
      uid,
      from,
      to: Number.POSITIVE_INFINITY,
      content,
      resourceVersion,
      source,
    };
    const writes = open === undefined ? [] : [close(key, open, from)];
    ofKind(kind).set(key, { id: { kind, namespace, name }, row: version });
    catalog.apply({ type: "set", at: from, object, uid });
    return [...writes, { version, content: { hash: content, spec: object.value, manifest } }];
  };

  const remove = (key: string, open: Open, at: number): VersionWrite => {
    const to = atLeast(key, open, at);
    catalog.apply({ type: "delete", at: to, id: open.id, uid: open.row.uid });
    return close(key, open, to);
  };

  const list = (
    source: string,
    { kind, at, objects }: Extract<SourceChange, { type: "list" }>,
  ): VersionWrite[] => {
    const lane = `${source}/${kind}`;
    const since = known.get(lane);
    const writes: VersionWrite[] = [];
    const listed = new Set(objects.map(({ object }) => keyOf(object)));
    for (const [key, open] of ofKind(kind))
      if (!listed.has(key) && mayEnd(source, open)) writes.push(remove(key, open, at));
    for (const observed of objects)
      writes.push(...set(source, observed, momentOf(observed, at, since, ofKind(kind))));
    catalog.load([{ record: "list", kind, at, since: since ?? null }]);
    known.set(lane, at);
    watches.set(lane, { source, kind, listedAt: at, until: at });
    return writes;
  };

  /** What another live source told of is that source's to end. */
  const mayEnd = (source: string, { row }: Open): boolean =>
    row.source === source || !sources.includes(row.source);

  const apply: Ledger["apply"] = (source, change) => {
    switch (change.type) {
      case "set":
        return set(source, change.observed, change.at);
      case "delete": {
        const key = keyOf(change.id);
        const open = ofKind(change.id.kind).get(key);
        if (open === undefined || !mayEnd(source, open)) return [];
        return isSame(open.row.uid, change.uid ?? "") ? [remove(key, open, change.at)] : [];
      }
      case "list":
        return list(source, change);
      case "past":
        return change.changes.flatMap((one) => past(source, one));
      case "alive": {
        const lane = `${source}/${change.kind}`;
        const watch = watches.get(lane);
        if (watch === undefined || change.at <= watch.until) return [];
        watches.set(lane, { ...watch, until: change.at });
        known.set(lane, change.at);
        return [];
      }
    }
  };

  return {
    load: (rows, stored) => {
      for (const row of rows) {
        const id = { kind: row.kind as ObjectKind, namespace: row.namespace, name: row.name };
        const key = keyOf(id);
        // In the order of time: a later version of the name means that the earlier one has ended.
        ofKind(id.kind).delete(key);
        if (row.to === Number.POSITIVE_INFINITY) ofKind(id.kind).set(key, { id, row });
        else ended.set(key, Math.max(row.to, ended.get(key) ?? 0));
      }
      for (const { source, kind, until } of stored) {
        const lane = `${source}/${kind}`;
        known.set(lane, Math.max(until, known.get(lane) ?? until));
      }
    },
    apply,
    watches: () => [...watches.values()],
    *open() {
      for (const some of opens.values()) for (const { row } of some.values()) yield row;
    },
    count: (kind) => opens.get(kind)?.size ?? 0,
    forget: (time) => {
      for (const [key, to] of ended) if (to < time) ended.delete(key);
    },
  };
}

/** An unknown uid may be any. */
function isSame(left: string, right: string): boolean {
  return left === "" || right === "" || left === right;
}

/**
 * Since when an object is what a list says. With the first list of all, it is taken to have been so
 * since it was made; later, what changed between two lists did so when the object says, and
 * otherwise when the list noticed.
 */
function momentOf(
  { object, created, changed }: Observed,
  at: number,
  since: number | undefined,
  opens: ReadonlyMap<string, Open>,
): number {
  const isKnown = opens.has(keyOf(object));
  if (!isKnown && since === undefined) return Math.min(at, created ?? Number.NEGATIVE_INFINITY);
  const told = isKnown ? changed : (created ?? changed);
  return told !== undefined && since !== undefined && told > since && told < at ? told : at;
}
