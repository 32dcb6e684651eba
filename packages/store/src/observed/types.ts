import type { ObservedTraffic } from "@dropscope/model";
import type { FlowQuery } from "../reader.js";

/** Answers what was observed, as the connections that policies judge. */
export interface ObservedReader {
  /**
   * The flows of a range, folded into distinct connections in the engine: some ten thousand of many millions. Both
   * ends are client and server, so that a filter of one end should name the other as well.
   * @param query without `since` or `until` the store's own ends; `asOf` is not honoured; `most` edges at most
   * (`MOST_EDGES` when absent), the most frequent ones
   * @throws DropscopeError `QUERY_TOO_BROAD`
   */
  traffic(
    query: FlowQuery & { readonly most?: number },
    signal?: AbortSignal,
  ): Promise<ObservedTraffic>;
}
