import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits } from "../read/run.js";

/** By whose rules the correlator judges, as it says in `correlator_state` under the name `judged-by`. */
export interface JudgedBy {
  /** `cilium`, `kubernetes`. */
  readonly profile: string;
  /** Name of the cluster that policies are in. */
  readonly cluster: string;
}

/** Undefined while no correlator has worked on the store. */
export async function readJudgedBy(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile"; readonly signal?: AbortSignal } = {},
): Promise<JudgedBy | undefined> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const rows = await run.rows<{ value: string }>(
    "SELECT value FROM correlator_state WHERE name = 'judged-by' ORDER BY version DESC LIMIT 1",
    new Params(),
    options.signal,
  );
  return rows[0] && (JSON.parse(rows[0].value) as JudgedBy);
}
