import type { StoreClient } from "../clickhouse/client.js";
import { DEFAULT_RETENTION, type Retention } from "../config.js";

/** Where each class's days stand in the DDL; the last group is the number. */
const PLACES: Readonly<Record<keyof Retention, readonly [table: string, pattern: RegExp]>> = {
  rawDays: ["flows", /TTL stored_on \+ toIntervalDay\(if\(kept_long = 1, \d+, (\d+)\)\)/],
  dropDays: ["flows", /TTL stored_on \+ toIntervalDay\(if\(kept_long = 1, (\d+), \d+\)\)/],
  rollupDays: ["drops_1m", /TTL stored_on \+ toIntervalDay\((\d+)\)/],
  problemDays: ["problem_minutes", /TTL stored_on \+ toIntervalDay\((\d+)\)/],
  policyDays: ["object_watches", /TTL toDateTime\(observed_at\) \+ toIntervalDay\((\d+)\)/],
};

/** The retention that the tables have now: what they say, not what a setting hopes for. */
export async function currentRetention(client: Pick<StoreClient, "query">): Promise<Retention> {
  const rows = await client.query<{ name: string; ddl: string }>(
    "SELECT name, create_table_query AS ddl FROM system.tables WHERE database = currentDatabase()",
  );
  const found: Retention = { ...DEFAULT_RETENTION };
  for (const key of Object.keys(PLACES) as (keyof Retention)[]) {
    const [table, pattern] = PLACES[key];
    const days = pattern.exec(rows.find(({ name }) => name === table)?.ddl ?? "")?.[1];
    if (days !== undefined) found[key] = Number(days);
  }
  return found;
}
