import type { StoreClient } from "../clickhouse/client.js";
import { contentRow, versionRow, watchRow } from "../objects/rows.js";
import type { ObjectWatch } from "../objects/version.js";
import type { VersionWrite } from "../objects/writer.js";

/**
 * Stores versions that are known from elsewhere, each content before its versions.
 * @param batch stands for what they came with: twice the same adds nothing @param now ms since 1970
 */
export async function addObjects(
  client: Pick<StoreClient, "insertRows">,
  batch: bigint,
  writes: readonly VersionWrite[],
  now: number,
): Promise<void> {
  const observedUs = Math.round(now * 1000);
  const contents = writes.flatMap(({ content }) => content ?? []);
  const insert = async (table: string, rows: readonly Record<string, unknown>[]): Promise<void> => {
    if (rows.length > 0) await client.insertRows(table, rows, `${batch}-${table}`);
  };
  await insert(
    "object_contents",
    contents.map((content) => contentRow(content, observedUs)),
  );
  await insert(
    "object_versions",
    writes.map(({ version }) => versionRow(version, observedUs)),
  );
}

/** Stores when everything of a kind was known. */
export async function addWatches(
  client: Pick<StoreClient, "insertRows">,
  batch: bigint,
  watches: readonly ObjectWatch[],
  now: number,
): Promise<void> {
  if (watches.length === 0) return;
  const observedUs = Math.round(now * 1000);
  const rows = watches.map((watch) => watchRow(watch, observedUs));
  await client.insertRows("object_watches", rows, `${batch}-object_watches`);
}
