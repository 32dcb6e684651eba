import type { StoreClient } from "../clickhouse/client.js";
import { storedSpan } from "./bounds.js";
import { Params } from "./params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits } from "./run.js";

/** What a store says of itself to those who ask a Hubble server. */
export interface StoreFacts {
  totals(signal?: AbortSignal): Promise<StoredTotals>;
  /** Every node that has flows in the store, by name. */
  nodes(signal?: AbortSignal): Promise<StoredNode[]>;
  /** Every namespace that a stored flow names, with its cluster (empty where the flow does not say). */
  namespaces(signal?: AbortSignal): Promise<{ cluster: string; namespace: string }[]>;
}

export interface StoredTotals {
  flows: number;
  /** Flows that were ever stored, those included that are deleted by now. */
  seen: number;
  /** ns; 0 when nothing is stored. */
  oldestNs: bigint;
  newestNs: bigint;
  /** Flows a second that became visible in the last minute. */
  rate: number;
}

export interface StoredNode {
  /** As Hubble names it: `cluster/node` or `node`. */
  name: string;
  flows: number;
  newestNs: bigint;
  /** What wrote its newest flow, such as `cilium 1.19.4`; empty before 1.19. */
  version: string;
}

const RATE_SECONDS = 60;
const MAX_NAMES = 10_000;

export function createStoreFacts(
  client: StoreClient,
  options: { limits?: QueryLimits | "profile" } = {},
): StoreFacts {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  return {
    async totals(signal) {
      const span = await storedSpan(run, signal);
      const [ledger] = await run.rows<{ seen: string; recent: string }>(
        `SELECT sum(landed) AS seen, sumIf(landed, at > now64(9) - toIntervalSecond(${RATE_SECONDS})) AS recent
         FROM (SELECT any(flows) AS landed, max(stored_at) AS at FROM batches GROUP BY batch)`,
        new Params(),
        signal,
      );
      const flows = span?.flows ?? 0;
      return {
        flows,
        seen: Math.max(flows, Number(ledger?.seen ?? 0)),
        oldestNs: span?.oldest ?? 0n,
        newestNs: span?.newest ?? 0n,
        rate: Number(ledger?.recent ?? 0) / RATE_SECONDS,
      };
    },
    async nodes(signal) {
      const rows = await run.rows<{ name: string; n: string; newest: string; version: string }>(
        `SELECT toString(node) AS name, count() AS n, toUnixTimestamp64Nano(max(time)) AS newest,
           argMax(if(emitter_name = '', '', concat(emitter_name, ' ', emitter_version)), time) AS version
         FROM flows WHERE node != '' GROUP BY node ORDER BY name LIMIT ${MAX_NAMES}`,
        new Params(),
        signal,
      );
      return rows.map(({ name, n, newest, version }) => ({
        name,
        flows: Number(n),
        newestNs: BigInt(newest),
        version,
      }));
    },
    namespaces: (signal) =>
      run.rows(
        `SELECT DISTINCT toString(end.1) AS cluster, toString(end.2) AS namespace
         FROM (SELECT DISTINCT src_cluster, src_namespace, dst_cluster, dst_namespace FROM flows)
         ARRAY JOIN [(src_cluster, src_namespace), (dst_cluster, dst_namespace)] AS end
         WHERE namespace != '' ORDER BY cluster, namespace LIMIT ${MAX_NAMES}`,
        new Params(),
        signal,
      ),
  };
}
