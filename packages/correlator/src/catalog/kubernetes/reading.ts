import type { CatalogKindStatus, Clock } from "@dropscope/model";
import type { ObjectKind } from "@dropscope/policy";
import type { Observed, SourceChange } from "../source.js";
import type { ApiServer } from "./connect.js";
import { createListWatch, type ListWatch, type RawObject } from "./list-watch.js";
import type { Resource } from "./resources.js";

/** What every reading of a resource needs. */
export interface ReadingContext {
  readonly server: ApiServer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (changes: readonly SourceChange[]) => void;
}

/** One resource as it is being read. */
export interface Reading {
  readonly watch: ListWatch;
  readonly status: () => CatalogKindStatus;
}

/** An object, and why it has no effect: one sentence, or nothing. */
export interface Readable extends Observed {
  readonly problem?: string;
}

/** A resource whose objects are the catalog's objects as they are. */
export function readResource(
  context: ReadingContext,
  resource: Resource,
  read: (raw: RawObject) => Readable,
): Reading {
  const { clock, emit } = context;
  const kind = resource.kind as ObjectKind;
  const names = createNames();
  const watch = createListWatch<Readable>({
    ...context,
    resource,
    take: read,
    listed: (objects) => {
      names.clear();
      for (const { object, problem } of objects) names.add(object, problem);
      emit([{ type: "list", at: clock.now(), kind, objects }]);
    },
    set: (observed, gapFrom) => {
      names.add(observed.object, observed.problem);
      emit([setOf(observed, gapFrom, clock.now())]);
    },
    deleted: ({ object, uid = "" }) => {
      names.remove(object);
      emit([{ type: "delete", at: clock.now(), id: object, uid }]);
    },
    alive: () => emit([{ type: "alive", kind, at: clock.now() }]),
  });
  return { watch, status: () => statusOf(resource, watch, names) };
}

/** What happened while nothing was watched did so when the object says; everything else just now. */
export function setOf(observed: Observed, gapFrom: number | undefined, now: number): SourceChange {
  const { changed } = observed;
  const isLate = gapFrom !== undefined && changed !== undefined;
  return {
    type: "set",
    at: isLate && changed > gapFrom && changed < now ? changed : now,
    observed,
  };
}

interface Named {
  readonly namespace: string;
  readonly name: string;
}

/** Which objects there are, and which of them cannot be read. */
export interface Names {
  add(object: Named, problem?: string): void;
  remove(object: Named): void;
  clear(): void;
  count(): number;
  problem(): string;
}

export function createNames(): Names {
  const problems = new Map<string, string>();
  let unread = 0;
  const remove = (key: string): void => {
    if ((problems.get(key) ?? "") !== "") unread -= 1;
    problems.delete(key);
  };
  return {
    add: (object, problem = "") => {
      const key = keyOf(object);
      remove(key);
      problems.set(key, problem);
      if (problem !== "") unread += 1;
    },
    remove: (object) => remove(keyOf(object)),
    clear: () => {
      problems.clear();
      unread = 0;
    },
    count: () => problems.size,
    problem: () => {
      if (unread === 0) return "";
      for (const problem of problems.values())
        if (problem !== "") return `${unread} cannot be read: ${problem}.`;
      return "";
    },
  };
}

export function statusOf(resource: Resource, watch: ListWatch, names: Names): CatalogKindStatus {
  const { message, ...state } = watch.state();
  return {
    kind: resource.kind,
    source: "kubernetes",
    ...state,
    objects: names.count(),
    message: message || names.problem(),
  };
}

/** What every object says about itself. */
export function aboutOf({ metadata = {} }: RawObject): Omit<Observed, "object"> {
  const created = timeOf(metadata.creationTimestamp);
  // What a controller reports in the status changes nothing that counts.
  const written = (metadata.managedFields ?? [])
    .filter(({ subresource }) => subresource !== "status")
    .map(({ time }) => timeOf(time) ?? 0);
  const changed = Math.max(created ?? 0, ...written);
  return {
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    ...(created === undefined ? {} : { created }),
    ...(changed > 0 ? { changed } : {}),
  };
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? undefined : time;
}

function keyOf({ namespace, name }: Named): string {
  return `${namespace}/${name}`;
}
