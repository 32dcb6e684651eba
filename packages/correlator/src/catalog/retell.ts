import type { Catalog, CatalogRecord } from "@dropscope/policy";
import type { ObjectVersionRow, VersionWrite } from "@dropscope/store";
import { meaningOf } from "./meaning.js";
import { keyOf } from "./objects.js";

type Version = Extract<CatalogRecord, { record: "version" }>;

/** YAML by content, of what was told in this run: it is not in the catalog. */
export interface Manifests {
  get(content: string): string | undefined;
}

/**
 * Every version that the catalog holds, as rows: for a store that was away for so long that its
 * queue was given up. A content whose YAML is not at hand was loaded from the store, and is there.
 */
export function* retell(
  catalog: Pick<Catalog, "records">,
  open: Iterable<ObjectVersionRow>,
  manifests: Manifests,
  source: string,
): Generator<VersionWrite> {
  const rows = new Map<string, ObjectVersionRow>();
  for (const row of open) rows.set(`${row.kind}/${row.namespace}/${row.name}`, row);
  for (const record of catalog.records()) {
    if (record.record !== "version") continue;
    const content = meaningOf(record.object);
    const row = rows.get(keyOf(record.object));
    const version = rowOf(record, content, row, source);
    const manifest = record.object.kind === "Pod" ? "" : manifests.get(content);
    yield manifest === undefined
      ? { version }
      : { version, content: { hash: content, spec: record.object.value, manifest } };
  }
}

function rowOf(
  { from, to, uid, object }: Version,
  content: string,
  open: ObjectVersionRow | undefined,
  source: string,
): ObjectVersionRow {
  const start = from ?? Number.NEGATIVE_INFINITY;
  if (open?.from === start) return { ...open, to: to ?? Number.POSITIVE_INFINITY };
  const { kind, namespace, name } = object;
  return {
    kind,
    namespace,
    name,
    uid,
    from: start,
    to: to ?? Number.POSITIVE_INFINITY,
    content,
    resourceVersion: "",
    source,
  };
}
