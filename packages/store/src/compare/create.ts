import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { edgeChanges } from "./edge-changes.js";
import type { CompareReader } from "./types.js";
import { verdictChanges } from "./verdict-changes.js";

export function createCompareReader(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile" } = {},
): CompareReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  return {
    edges: (query, signal) => edgeChanges(run, query, signal),
    verdicts: (query, signal) => verdictChanges(run, query, signal),
    since: async (signal) => {
      const [flows, counts] = await Promise.all([
        // Both are read from what ClickHouse keeps about its parts, not from rows.
        oldest(
          run,
          "SELECT toString(toUnixTimestamp64Nano(min(time))) AS at, count() AS rows FROM flows",
          signal,
        ),
        oldest(
          run,
          "SELECT concat(toString(toUnixTimestamp(min(minute))), '000000000') AS at, count() AS rows FROM edges_1m",
          signal,
        ),
      ]);
      return { flows, counts };
    },
  };
}

async function oldest(
  run: Runner,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  const [row] = await run.rows<{ at: string; rows: string }>(sql, new Params(), signal);
  return row === undefined || row.rows === "0" ? undefined : BigInt(row.at);
}
