import type { Manifests, SourceObject } from "../../objects.js";
import type { Place } from "../../place.js";
import type { Policy } from "../../policy.js";

/** The objects as they were written, of every kind, those that no other part of dropscope knows included. */
export interface ObjectIndex {
  readonly all: readonly SourceObject[];
  ofKind(kind: string): readonly SourceObject[];
  get(kind: string, namespace: string, name: string): SourceObject | undefined;
  /** Where a policy was written. */
  ofPolicy(policy: Policy): SourceObject | undefined;
}

export function indexObjects(manifests: Manifests): ObjectIndex {
  const byKind = new Map<string, SourceObject[]>();
  const byName = new Map<string, SourceObject>();
  const byPlace = new Map<string, SourceObject>();
  for (const source of manifests.sources) {
    const same = byKind.get(source.kind);
    if (same) same.push(source);
    else byKind.set(source.kind, [source]);
    const name = nameKey(source.kind, source.namespace, source.name);
    if (!byName.has(name)) byName.set(name, source);
    // Two objects may have one name; they cannot have one place.
    byPlace.set(placeKey(source.kind, source.placeOf("")), source);
  }
  return {
    all: manifests.sources,
    ofKind: (kind) => byKind.get(kind) ?? [],
    get: (kind, namespace, name) => byName.get(nameKey(kind, namespace, name)),
    ofPolicy: ({ kind, namespace, name, place }) =>
      byPlace.get(placeKey(kind, place)) ?? byName.get(nameKey(kind, namespace, name)),
  };
}

const nameKey = (kind: string, namespace: string, name: string): string =>
  JSON.stringify([kind, namespace, name]);

const placeKey = (kind: string, { file, line, column }: Place): string =>
  JSON.stringify([kind, file, line, column]);
