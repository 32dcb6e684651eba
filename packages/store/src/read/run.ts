import { DropscopeError, FilterError } from "@dropscope/model";
import type { ClickHouseSettings } from "@clickhouse/client";
import { clickhouseCode } from "../clickhouse/classify.js";
import type { StoreClient } from "../clickhouse/client.js";
import type { Params } from "./params.js";

/** What one question may cost. */
export interface QueryLimits {
  seconds: number;
  rows: number;
  bytes: number;
  memoryBytes: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  seconds: 10,
  rows: 1_000_000_000,
  bytes: 20_000_000_000,
  memoryBytes: 2 * 1024 ** 3,
};

/**
 * `reader`: the answer is taken as slowly as its reader likes (a pager, a paused terminal), and
 * the clock of the query runs on meanwhile; what it may read is limited all the same.
 */
export type Pace = "store" | "reader";

const PATIENT_SECONDS = 86_400;

/**
 * For whole flows in their order, window by window: the next window is read while this one is
 * taken, and a second thread for each only costs (half as much again for the same rows).
 */
export const ONE_THREAD: ClickHouseSettings = { max_threads: 1 };

/** Runs the reader's queries: each within the limits, cancelled with its signal, its errors in words. */
export interface Runner {
  rows<Row>(sql: string, params: Params, signal: AbortSignal | undefined): Promise<Row[]>;
  stream<Row>(sql: string, params: Params, signal: AbortSignal | undefined): AsyncIterable<Row[]>;
  /**
   * Rows as arrays, in the order of the columns: a whole flow has 85 columns, and their names
   * would be most of the answer.
   */
  arrays(
    sql: string,
    params: Params,
    signal: AbortSignal | undefined,
    pace?: Pace,
  ): AsyncIterable<unknown[][]>;
}

/** @param limits `undefined` leaves them to the profile of the store's user (who may not be allowed to set any) */
export function createRunner(client: StoreClient, limits: QueryLimits | undefined): Runner {
  const settings: ClickHouseSettings =
    limits === undefined
      ? {}
      : {
          max_execution_time: limits.seconds,
          max_rows_to_read: String(limits.rows),
          max_bytes_to_read: String(limits.bytes),
          max_memory_usage: String(limits.memoryBytes),
          // A server stops a query whose reader is gone; the embedded engine always does.
          cancel_http_readonly_queries_on_client_close: 1,
        };
  const optionsOf = (
    signal: AbortSignal | undefined,
  ): { settings: ClickHouseSettings; signal?: AbortSignal } => ({
    settings,
    ...(signal === undefined ? {} : { signal }),
  });
  return {
    async rows<Row>(sql: string, params: Params, signal: AbortSignal | undefined): Promise<Row[]> {
      signal?.throwIfAborted();
      try {
        return await client.query<Row>(sql, params.values, optionsOf(signal));
      } catch (error) {
        throw inWords(error, signal);
      }
    },
    async *stream<Row>(sql: string, params: Params, signal: AbortSignal | undefined) {
      signal?.throwIfAborted();
      try {
        yield* client.stream<Row>(sql, params.values, optionsOf(signal));
      } catch (error) {
        throw inWords(error, signal);
      }
    },
    async *arrays(
      sql: string,
      params: Params,
      signal: AbortSignal | undefined,
      pace: Pace = "store",
    ) {
      signal?.throwIfAborted();
      try {
        const result = await client.raw().query({
          query: sql,
          query_params: params.values,
          format: "JSONCompactEachRow",
          clickhouse_settings:
            pace === "reader" && limits !== undefined
              ? { ...settings, max_execution_time: PATIENT_SECONDS, ...ONE_THREAD }
              : settings,
          ...(signal === undefined ? {} : { abort_signal: signal }),
        });
        // The client below listens to the signal only until the headers are there.
        const cut = (): void => result.close();
        signal?.addEventListener("abort", cut, { once: true });
        try {
          if (signal?.aborted === true) cut();
          for await (const rows of result.stream<unknown[]>()) yield rows.map((row) => row.json());
        } finally {
          signal?.removeEventListener("abort", cut);
          result.close();
        }
      } catch (error) {
        throw inWords(error, signal);
      }
    },
  };
}

const TOO_BROAD = new Set([
  158, // TOO_MANY_ROWS
  159, // TIMEOUT_EXCEEDED
  241, // MEMORY_LIMIT_EXCEEDED
  307, // TOO_MANY_BYTES
  396, // TOO_MANY_ROWS_OR_BYTES
]);

const BAD_REGEX = 427; // CANNOT_COMPILE_REGEXP

/** Never shows SQL or the store's own text: both may hold what the reader must not see. */
export function inWords(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const code = clickhouseCode(error);
  if (code !== undefined && TOO_BROAD.has(code)) {
    return new DropscopeError("QUERY_TOO_BROAD", "the question costs more than one question may", {
      next: "Ask for a shorter time range, or add a filter (namespace, pod, verdict).",
      cause: error,
    });
  }
  if (code === BAD_REGEX) {
    return new FilterError(
      "a regular expression of the filter is not valid",
      "Use RE2 syntax (https://github.com/google/re2/wiki/Syntax): no look-around, no back-references.",
    );
  }
  return error;
}
