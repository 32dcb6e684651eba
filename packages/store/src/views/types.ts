import type { Peer } from "@dropscope/model";
import type { FlowQuery } from "../reader.js";

/** Traffic of one client to one server on one port, in flows of the range. */
export interface TrafficEdge {
  readonly client: Peer;
  readonly server: Peer;
  /** `TCP`, `UDP` …; empty when there is none. */
  readonly protocol: string;
  /** Of the server; 0 when the protocol has none. */
  readonly port: number;
  readonly forwarded: number;
  /** Packets; one that two events tell counts once. */
  readonly dropped: number;
}

/** Questions of pages that put several things together. */
export interface ViewReader {
  /**
   * Drops of several problems in equal steps, by id; ids without any are missing. Whoever asks
   * has been told of these problems before: there is no viewer.
   * `since` is ns since 1970 on a whole minute; `stepMs` is whole minutes.
   */
  trends(
    ids: readonly string[],
    span: { readonly since: bigint; readonly stepMs: number; readonly steps: number },
    signal?: AbortSignal,
  ): Promise<Map<string, number[]>>;
  /** Who talked to whom; denied edges first, then the busiest. At most `limit`, with how many there are. */
  traffic(
    query: FlowQuery & { readonly limit: number },
    signal?: AbortSignal,
  ): Promise<{ readonly edges: TrafficEdge[]; readonly total: number }>;
}
