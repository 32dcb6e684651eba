import type { EndpointClass } from "./classes.js";
import type { CompiledPolicy } from "./compile.js";
import { choosePivot, selectorMatches, type CompiledSelector, type Pivot } from "./selectors.js";

/** Whether a policy is about the ends of a class. */
export function selectsClass(policy: CompiledPolicy, end: EndpointClass): boolean {
  const { subjectKind, subjectNamespace, subject } = policy;
  return (
    end.isLocal &&
    subjectKind === end.example.kind &&
    (subjectNamespace === "" || subjectNamespace === end.example.namespace) &&
    selectorMatches(subject, end.labels)
  );
}

/** Things under the pairs, the keys or the "everything" that a selector needs. */
interface Postings<T> {
  readonly pairs: Map<number, Set<T>>;
  readonly keys: Map<number, Set<T>>;
  readonly all: Set<T>;
}

function createPostings<T>(): Postings<T> {
  return { pairs: new Map(), keys: new Map(), all: new Set() };
}

function sizeOf<T>(postings: Postings<T>, pivot: Pivot): number {
  if (pivot.of === "all") return postings.all.size;
  if (pivot.of === "key") return postings.keys.get(pivot.key)?.size ?? 0;
  return pivot.pairs.reduce((sum, pair) => sum + (postings.pairs.get(pair)?.size ?? 0), 0);
}

function under<T>(map: Map<number, Set<T>>, at: number): Set<T> {
  let set = map.get(at);
  if (set === undefined) {
    set = new Set();
    map.set(at, set);
  }
  return set;
}

/** Policies by what their subjects need, so that a class meets only those that may select it. */
export interface PolicyIndex {
  add(policy: CompiledPolicy): void;
  remove(policy: CompiledPolicy): void;
  /** The policies that select the class, by ascending id. */
  selecting(end: EndpointClass): CompiledPolicy[];
}

export function createPolicyIndex(): PolicyIndex {
  /** By the namespace of the ends that they may select; empty for any. */
  const namespaces = new Map<string, Postings<CompiledPolicy>>();
  const places = new Map<CompiledPolicy, readonly Set<CompiledPolicy>[]>();

  const placesFor = ({ subject, subjectNamespace }: CompiledPolicy): Set<CompiledPolicy>[] => {
    const postings = namespaces.get(subjectNamespace) ?? createPostings<CompiledPolicy>();
    namespaces.set(subjectNamespace, postings);
    const pivot = choosePivot(subject, (at) => sizeOf(postings, at));
    if (pivot.of === "all") return [postings.all];
    if (pivot.of === "key") return [under(postings.keys, pivot.key)];
    return pivot.pairs.map((pair) => under(postings.pairs, pair));
  };

  return {
    add: (policy) => {
      if (places.has(policy)) return;
      const sets = placesFor(policy);
      places.set(policy, sets);
      for (const set of sets) set.add(policy);
    },
    remove: (policy) => {
      for (const set of places.get(policy) ?? []) set.delete(policy);
      places.delete(policy);
    },
    selecting: (end) => {
      const found: CompiledPolicy[] = [];
      const visit = (policies: Iterable<CompiledPolicy> | undefined): void => {
        for (const policy of policies ?? []) if (selectsClass(policy, end)) found.push(policy);
      };
      for (const namespace of new Set(["", end.example.namespace])) {
        const postings = namespaces.get(namespace);
        if (postings === undefined) continue;
        // A label set has one value per key, so that a policy is met once.
        for (const pair of end.labels.pairs) visit(postings.pairs.get(pair));
        for (const key of end.labels.keys) visit(postings.keys.get(key));
        visit(postings.all);
      }
      return found.sort((a, b) => a.id - b.id);
    },
  };
}

/** Classes by their labels, so that a changed policy meets only those that it may select. */
export interface ClassIndex {
  add(end: EndpointClass): void;
  /** Calls back for every class that the policy selects. */
  selectedBy(policy: CompiledPolicy, found: (end: EndpointClass) => void): void;
}

export function createClassIndex(): ClassIndex {
  const postings = createPostings<EndpointClass>();
  const candidates = (subject: CompiledSelector): Iterable<EndpointClass>[] => {
    const pivot = choosePivot(subject, (at) => sizeOf(postings, at));
    if (pivot.of === "all") return [postings.all];
    if (pivot.of === "key") return [postings.keys.get(pivot.key) ?? []];
    return pivot.pairs.map((pair) => postings.pairs.get(pair) ?? []);
  };
  return {
    add: (end) => {
      if (!end.isLocal) return;
      postings.all.add(end);
      for (const pair of end.labels.pairs) under(postings.pairs, pair).add(end);
      for (const key of end.labels.keys) under(postings.keys, key).add(end);
    },
    selectedBy: (policy, found) => {
      for (const ends of candidates(policy.subject))
        for (const end of ends) if (selectsClass(policy, end)) found(end);
    },
  };
}
