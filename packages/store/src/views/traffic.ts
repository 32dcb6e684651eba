import type { Peer } from "@dropscope/model";
import { bounded } from "../read/bounds.js";
import { type EdgeKinds, rawEdges, rolledEdges } from "../read/edge-source.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import type { FlowQuery } from "../reader.js";
import type { TrafficEdge } from "./types.js";

interface TrafficRow {
  client: [Peer["kind"], string, string];
  server: [Peer["kind"], string, string];
  protocol: string;
  port: number;
  forwarded: string;
  dropped: string;
  total: string;
}

/** Forwarded, dropped, audited, redirected: what errors, traces and translations tell is told by these too. */
const KINDS: EdgeKinds = { flows: "verdict IN (1, 2, 4, 5)", rollup: "verdict IN (1, 2, 4, 5)" };
const MAX_EDGES = 5000;

export async function traffic(
  run: Runner,
  query: FlowQuery & { readonly limit: number },
  signal: AbortSignal | undefined,
): Promise<{ edges: TrafficEdge[]; total: number }> {
  const range = await bounded(run, query, signal);
  if (range === undefined) return { edges: [], total: 0 };
  const params = new Params();
  const source = rolledEdges(range, KINDS, params) ?? rawEdges(range, KINDS, params);
  const limit = params.add("UInt64", BigInt(Math.max(1, Math.min(MAX_EDGES, query.limit))));
  const rows = await run.rows<TrafficRow>(
    `SELECT src AS client, dst AS server, protocol, port,
      sumIf(weight, verdict != 2 AND event_type != 5) AS forwarded,
      greatest(sumIf(weight, verdict = 2 AND event_type != 5), sumIf(weight, verdict = 2 AND event_type = 5)) AS dropped,
      count() OVER () AS total
     FROM (${source})
     GROUP BY src, dst, protocol, port
     HAVING forwarded + dropped > 0
     ORDER BY dropped > 0 DESC, forwarded + dropped DESC, client, server, port, protocol LIMIT ${limit}`,
    params,
    signal,
  );
  return { edges: rows.map(edgeOf), total: Number(rows[0]?.total ?? 0) };
}

function edgeOf({ client, server, protocol, port, forwarded, dropped }: TrafficRow): TrafficEdge {
  const peer = ([kind, namespace, name]: TrafficRow["client"]): Peer => ({ kind, namespace, name });
  return {
    client: peer(client),
    server: peer(server),
    protocol: protocol === "none" ? "" : protocol,
    port,
    forwarded: Number(forwarded),
    dropped: Number(dropped),
  };
}
