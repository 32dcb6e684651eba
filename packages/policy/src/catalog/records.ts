import type { Certainty, ListMark } from "./certainty.js";
import type { DnsNames, Resolved } from "./dns-names.js";
import { keyOf, type CatalogRecord, type ObjectId, type ObjectVersion } from "./objects.js";
import type { VersionStore } from "./store.js";
import type { TimelineEvent } from "./timeline.js";

/** Everything that a catalog knows, as plain data. */
export function* recordsOf(
  store: VersionStore,
  certainty: Certainty,
  names: DnsNames,
): Generator<CatalogRecord> {
  for (const version of store.all()) yield toRecord(version);
  for (const { kind, at, since } of certainty.all())
    yield { record: "list", kind, at, since: finite(since) };
  for (const { from, to, name, address } of names.all())
    yield { record: "resolved", from, to, name, address };
}

function toRecord({ from, to, uid, object }: ObjectVersion): CatalogRecord {
  return { record: "version", from: finite(from), to: finite(to), uid, object };
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}

export type Heard =
  | { readonly id: ObjectId; readonly event: TimelineEvent }
  | { readonly mark: ListMark }
  | { readonly resolved: Resolved };

/** The events that lead to what the records say. */
export function* eventsOf(records: Iterable<CatalogRecord>): Generator<Heard> {
  const versions = new Map<string, Extract<CatalogRecord, { record: "version" }>[]>();
  for (const record of records)
    switch (record.record) {
      case "version": {
        const key = keyOf(record.object);
        const others = versions.get(key);
        if (others === undefined) versions.set(key, [record]);
        else others.push(record);
        break;
      }
      case "list": {
        const { kind, at, since } = record;
        yield { mark: { kind, at, since: since ?? Number.NEGATIVE_INFINITY } };
        break;
      }
      case "resolved":
        yield { resolved: record };
        break;
    }
  for (const ofName of versions.values()) yield* versionEvents(ofName);
}

/** Each version's end stands before the next one's beginning: events of one moment count in order. */
function* versionEvents(
  versions: Extract<CatalogRecord, { record: "version" }>[],
): Generator<Heard> {
  versions.sort((a, b) => start(a) - start(b));
  for (const version of versions) {
    const { object, uid, to } = version;
    yield { id: object, event: { at: start(version), uid, object } };
    if (to !== null) yield { id: object, event: { at: to, uid, object: undefined } };
  }
}

function start({ from }: { readonly from: number | null }): number {
  return from ?? Number.NEGATIVE_INFINITY;
}
