import { createEngine, type Engine, type PolicyVersion } from "../engine/index.js";
import type { Peer } from "../policy.js";
import type { Profile } from "../profile.js";
import { around, type Epoch, type Question, type Window } from "./around.js";
import { createCertainty } from "./certainty.js";
import { createDnsNames, type DnsNames } from "./dns-names.js";
import { createEndsOverTime } from "./ends.js";
import {
  isPolicy,
  keyOf,
  POLICY_KINDS,
  type CatalogRecord,
  type Change,
  type Listed,
  type ObjectVersion,
} from "./objects.js";
import { recordsOf, eventsOf } from "./records.js";
import { referenceHistory, referringPeers } from "./references.js";
import { createVersionStore, type ObjectChange } from "./store.js";
import { viewAt, type CatalogView } from "./view.js";

/**
 * Versions of everything that decides about connections, each with the time in
 * which it held, so that a flow is judged by the policies, pods and labels of its
 * own moment. Changes may arrive late and in any order. No I/O: `records` and
 * `load` are for whoever stores them. Times are ms since 1970; fractions count.
 */
export interface Catalog {
  apply(change: Change): void;
  /** The cluster as it was. Views stay valid and follow what is heard later about their moment. */
  at(time: number): CatalogView;
  /** Changes of objects after `from` and up to `to`, in order. */
  changes(from: number, to: number): ObjectChange[];
  /**
   * How a connection is judged at a moment and at every change shortly before and
   * after it: enforcement lags behind the API, and clocks differ. Neighbouring
   * epochs with the same answer are one.
   */
  around(question: Question, time: number, window?: Partial<Window>): Epoch[];
  /** Everything, as plain data. */
  records(): Generator<CatalogRecord>;
  /** Adds what `records` gave; in any order, and beside what is there. */
  load(records: Iterable<CatalogRecord>): void;
  /** Forgets versions that ended before `time`. What was before is uncertain from then on. */
  forget(time: number): void;
  /** How often something was heard that may change an answer; what merely repeats what is known does not count. */
  revisions(): Revisions;
  stats(): CatalogStats;
}

/** Counted apart from pods, which change all the time, and of pods. */
export interface Revisions {
  readonly objects: number;
  readonly pods: number;
}

export interface CatalogStats {
  readonly objects: number;
  readonly engine: ReturnType<Engine["stats"]>;
}

export interface CatalogOptions {
  readonly profile: Profile;
  /** Addresses at which its API server answers, beside those behind the Service `default/kubernetes`. */
  readonly apiServers?: readonly string[];
}

export function createCatalog({ profile, apiServers = [] }: CatalogOptions): Catalog {
  let engine = createEngine({ profile });
  const names: DnsNames = createDnsNames();
  const certainty = createCertainty();
  // The engine hears of changes when it is next asked: a list brings thousands at once.
  const dirty = new Set<string>();
  /** Peers that refer to services or CIDR groups, by the policy that they stand in. */
  const referring = new Map<string, readonly Peer[]>();
  let referencesChanged = false;
  const revisions = { objects: 0, pods: 0 };
  const store = createVersionStore((key, { kind }) => {
    if (kind === "Pod") revisions.pods++;
    else revisions.objects++;
    if (kind === "Service" || kind === "CiliumCIDRGroup") referencesChanged = true;
    else if (kind !== "Pod" && kind !== "Namespace" && kind !== "Node") dirty.add(key);
  });
  const ends = createEndsOverTime(store, names, profile, apiServers);

  const flushed = (): Engine => {
    for (const key of dirty) {
      const versions = store.versions(key);
      engine.setHistory(key, versions.flatMap(toPolicyVersion));
      const peers = referringPeers(versions);
      if (peers.length === 0 && !referring.has(key)) continue;
      referencesChanged = true;
      if (peers.length > 0) referring.set(key, peers);
      else referring.delete(key);
    }
    dirty.clear();
    if (referencesChanged && referring.size > 0)
      engine.setReferenceHistory(
        referenceHistory(
          [...referring.values()].flat(),
          [...store.ofKinds(["Service", "CiliumCIDRGroup"])],
          profile,
        ),
      );
    referencesChanged = false;
    return engine;
  };

  const set = (at: number, { object, uid = "" }: Listed): void =>
    store.add(object, { at, uid, object });

  const applyList = (change: Extract<Change, { type: "list" }>): void => {
    const { at, kind, objects, since = Number.NEGATIVE_INFINITY } = change;
    const isFirst = certainty.isFirst(kind, at);
    const listed = new Set(objects.map(({ object }) => keyOf(object)));
    for (const id of store.existing(kind, at))
      if (!listed.has(keyOf(id))) store.add(id, { at, uid: "", object: undefined });
    for (const one of objects) {
      const { created = Number.NEGATIVE_INFINITY } = one;
      // Something known of it already counts more than its date of creation.
      const known = store.at(one.object, at) !== undefined;
      if (!known && isFirst) set(Math.min(at, created), one);
      else set(!known && created > since ? Math.min(at, created) : at, one);
    }
    certainty.add({ kind, at, since });
  };

  const apply = (change: Change): void => {
    switch (change.type) {
      case "set":
        return set(change.at, change);
      case "delete":
        return store.add(change.id, { at: change.at, uid: change.uid ?? "", object: undefined });
      case "list":
        return applyList(change);
      case "resolved":
        revisions.objects++;
        return names.add({
          from: change.at,
          to: change.until,
          name: change.name,
          address: change.address,
        });
    }
  };

  const at = (time: number): CatalogView =>
    viewAt(time, { store, ends, certainty, profile, engine: flushed });

  return {
    apply,
    at,
    changes: (from, to) => store.changes(from, to),
    around: (question, time, window) => around(question, time, window, { store, names, at }),
    records: () => recordsOf(store, certainty, names),
    load: (records) => {
      for (const heard of eventsOf(records))
        if ("event" in heard) store.add(heard.id, heard.event);
        else if ("mark" in heard) certainty.add(heard.mark);
        else {
          revisions.objects++;
          names.add(heard.resolved);
        }
    },
    forget: (time) => {
      certainty.forget(time);
      names.forget(time);
      // A fresh engine also loses the classes of ends that are long gone.
      engine = createEngine({ profile });
      store.forget(time);
      revisions.objects++;
      revisions.pods++;
      for (const { object } of store.ofKinds(POLICY_KINDS)) dirty.add(keyOf(object));
      referencesChanged = true;
    },
    revisions: () => ({ ...revisions }),
    stats: () => ({ objects: store.count(), engine: flushed().stats() }),
  };
}

function toPolicyVersion({ from, to, object }: ObjectVersion): PolicyVersion[] {
  return isPolicy(object) ? [{ from, to, policies: object.value }] : [];
}
