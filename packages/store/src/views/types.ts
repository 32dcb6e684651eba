import type { Peer, Viewer } from "@dropscope/model";
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

/** Name lookups over time, in steps of whole minutes that lie on multiples of the step. */
export interface Lookups {
  /** ms since 1970, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** Questions in each step. */
  readonly asked: number[];
  /** Answers in each step by response code. */
  readonly answered: Map<number, number[]>;
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
  /**
   * Name lookups that a DNS proxy saw, by response code. `since` and `until` are ns since 1970, both
   * inclusive; `stepMs` is whole minutes. A viewer of some namespaces counts those of their clients.
   */
  lookups(
    query: {
      readonly viewer: Viewer;
      readonly since: bigint;
      readonly until: bigint;
      readonly stepMs: number;
    },
    signal?: AbortSignal,
  ): Promise<Lookups>;
}
