import type { StoreClient } from "../clickhouse/client.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits } from "../read/run.js";
import { lookups } from "./lookups.js";
import { traffic } from "./traffic.js";
import { trends } from "./trends.js";
import type { ViewReader } from "./types.js";

export function createViewReader(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile" } = {},
): ViewReader {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  return {
    trends: (ids, span, signal) => trends(run, ids, span, signal),
    traffic: (query, signal) => traffic(run, query, signal),
    lookups: (query, signal) => lookups(run, query, signal),
  };
}
