import { LOCAL_VIEWER } from "@dropscope/model";
import type { CatalogObject, CatalogRecord, ObjectKind } from "@dropscope/policy";
import {
  isImported,
  type ObjectReader,
  type ObjectVersionRow,
  type ObjectWatch,
  type StoredVersion,
  type ToldReader,
} from "@dropscope/store";

/** What the store holds of a time, ms since 1970, ready for `Catalog.load`. */
export interface Past {
  readonly records: CatalogRecord[];
  readonly versions: readonly ObjectVersionRow[];
  /** Of all time: they say which lists were the first ones. */
  readonly watches: readonly ObjectWatch[];
}

export async function loadPast(
  reader: Pick<ObjectReader, "loadVersions" | "watches">,
  range: { readonly since?: number; readonly until?: number },
  signal?: AbortSignal,
): Promise<Past> {
  // The program itself asks: what people may see is decided where it is shown.
  const versions = await reader.loadVersions({ ...range, viewer: LOCAL_VIEWER }, signal);
  const watches = await reader.watches({}, signal);
  return {
    records: [...versions.map(toRecord), ...listsOf(watches)],
    versions: versions.sort((a, b) => a.from - b.from),
    watches,
  };
}

/**
 * The same, of live sources alone and as they told it: for a catalog that follows them on. What was
 * imported would stand beside what they are about to say.
 */
export async function loadTold(
  reader: ToldReader,
  range: { readonly since: number },
  signal?: AbortSignal,
): Promise<Past> {
  const query = { ...range, viewer: LOCAL_VIEWER };
  const isLive = ({ source }: { readonly source: string }): boolean => !isImported(source);
  const versions = (await reader.toldVersions(query, signal)).filter(isLive);
  const watches = (await reader.watches({}, signal)).filter(isLive);
  return {
    records: [...versions.map(toRecord), ...listsOf(watches)],
    versions: versions.sort((a, b) => a.from - b.from),
    watches,
  };
}

function toRecord({ kind, namespace, name, uid, from, to, spec }: StoredVersion): CatalogRecord {
  const object = { kind, namespace, name, value: spec } as CatalogObject;
  return { record: "version", from: finite(from), to: finite(to), uid, object };
}

/** Between the last sign of life of one watch and the list of the next, nobody watched. */
function* listsOf(watches: readonly ObjectWatch[]): Generator<CatalogRecord> {
  const until = new Map<string, number>();
  for (const watch of [...watches].sort((a, b) => a.listedAt - b.listedAt)) {
    const lane = `${watch.source}/${watch.kind}`;
    const since = until.get(lane) ?? null;
    until.set(lane, watch.until);
    yield { record: "list", kind: watch.kind as ObjectKind, at: watch.listedAt, since };
  }
}

function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
