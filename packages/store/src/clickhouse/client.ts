import { Readable } from "node:stream";
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseSettings,
  type ResultSet,
} from "@clickhouse/client";
import type { StoreTarget } from "../engine/start.js";
import { insertSettings } from "./insert-settings.js";

export interface QueryOptions {
  settings?: ClickHouseSettings;
  /** An abort cancels the query in the engine. */
  signal?: AbortSignal;
  /** ms until an answer; 30 s when absent. */
  timeoutMs?: number;
}

/** Values of `{name:Type}` placeholders. Values never enter the text of a query. */
export type QueryParams = Record<string, unknown>;

/** The store as a client sees it: the same for the embedded engine and a server. */
export interface StoreClient {
  /** All rows of a small result, as objects. */
  query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]>;
  /** Rows of a result of any size, in pieces, without holding them in memory. */
  stream<Row>(sql: string, params?: QueryParams, options?: QueryOptions): AsyncIterable<Row[]>;
  command(sql: string, params?: QueryParams, options?: QueryOptions): Promise<void>;
  /** Inserts a Native body under a deduplication token: a second time with the same token adds nothing. */
  insertNative(
    table: string,
    chunks: readonly Uint8Array[],
    token: string,
    options?: QueryOptions,
  ): Promise<void>;
  /** Inserts rows given as objects under a deduplication token. */
  insertRows(
    table: string,
    rows: readonly Record<string, unknown>[],
    token: string,
    options?: QueryOptions,
  ): Promise<void>;
  ping(): Promise<boolean>;
  /** The same store with another current database; to be closed by the caller. */
  inDatabase(database: string): StoreClient;
  /** The client below, for questions that are not covered here. */
  raw(): ClickHouseClient;
  close(): Promise<void>;
}

const REQUEST_MS = 300_000;
/**
 * Connections. What writes has its own: questions that a busy store is slow to answer would
 * otherwise hold them all, and no batch would be stored for as long as somebody asks.
 */
const CONNECTIONS = { read: 16, write: 4 } as const;

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("the query was cancelled");
}

/** A client for a store whose address may change (a restarted engine); nothing is opened before the first call. */
export function createStoreClient(target: StoreTarget | (() => StoreTarget)): StoreClient {
  const where = typeof target === "function" ? target : (): StoreTarget => target;
  const open = new Map<keyof typeof CONNECTIONS, { client: ClickHouseClient; key: string }>();

  const clientFor = (what: keyof typeof CONNECTIONS): ClickHouseClient => {
    const now = where();
    const key = JSON.stringify(now);
    const known = open.get(what);
    if (known?.key === key) return known.client;
    known?.client.close().catch(() => {});
    const client = createClient({
      url: now.url,
      username: now.user,
      password: now.password,
      database: now.database,
      application: "dropscope",
      request_timeout: REQUEST_MS,
      max_open_connections: CONNECTIONS[what],
      // Its own lines would hold queries and their errors; the callers say what matters.
      log: { level: ClickHouseLogLevel.OFF },
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    open.set(what, { client, key });
    return client;
  };
  const raw = (): ClickHouseClient => clientFor("read");

  const extras = (options: QueryOptions | undefined): { abort_signal?: AbortSignal } => {
    const signals: AbortSignal[] = [];
    if (options?.signal) signals.push(options.signal);
    if (options?.timeoutMs !== undefined) signals.push(AbortSignal.timeout(options.timeoutMs));
    return signals.length === 0 ? {} : { abort_signal: AbortSignal.any(signals) };
  };

  /** The client below listens to the signal only until the headers are there; rows may take much longer. */
  const ask = async (
    sql: string,
    params: QueryParams | undefined,
    options: QueryOptions | undefined,
  ): Promise<{
    result: ResultSet<"JSONEachRow">;
    signal: AbortSignal | undefined;
    release: () => void;
  }> => {
    const extra = extras(options);
    const result = await raw().query({
      query: sql,
      format: "JSONEachRow",
      ...(params ? { query_params: params } : {}),
      ...(options?.settings ? { clickhouse_settings: options.settings } : {}),
      ...extra,
    });
    const signal = extra.abort_signal;
    // Closing the connection is what tells the engine to stop, and ends the wait for rows.
    const cut = (): void => result.close();
    if (signal?.aborted === true) cut();
    signal?.addEventListener("abort", cut, { once: true });
    return { result, signal, release: () => signal?.removeEventListener("abort", cut) };
  };

  const insertBody = async (
    table: string,
    format: string,
    chunks: readonly Uint8Array[],
    token: string,
    options: QueryOptions | undefined,
  ): Promise<void> => {
    const { stream } = await clientFor("write").exec({
      query: `INSERT INTO ${table} FORMAT ${format}`,
      values: Readable.from(chunks, { objectMode: false }),
      clickhouse_settings: { ...insertSettings(token), ...options?.settings },
      ...extras(options),
    });
    for await (const _ of stream as AsyncIterable<Buffer>);
  };

  return {
    async query<Row>(sql: string, params?: QueryParams, options?: QueryOptions): Promise<Row[]> {
      const { result, signal, release } = await ask(sql, params, options);
      try {
        return await result.json<Row>();
      } catch (error) {
        throw signal?.aborted === true ? abortError(signal) : error;
      } finally {
        release();
      }
    },
    async *stream<Row>(sql: string, params?: QueryParams, options?: QueryOptions) {
      const { result, signal, release } = await ask(sql, params, options);
      try {
        for await (const rows of result.stream<Row>()) yield rows.map((row) => row.json<Row>());
      } catch (error) {
        throw signal?.aborted === true ? abortError(signal) : error;
      } finally {
        release();
        result.close();
      }
    },
    async command(sql, params, options) {
      await clientFor("write").command({
        query: sql,
        ...(params ? { query_params: params } : {}),
        ...(options?.settings ? { clickhouse_settings: options.settings } : {}),
        ...extras(options),
      });
    },
    insertNative: (table, chunks, token, options) =>
      insertBody(table, "Native", chunks, token, options),
    insertRows: (table, rows, token, options) => {
      const columns = Object.keys(rows[0] ?? {});
      const lines = rows.map((row) => JSON.stringify(row)).join("\n");
      return insertBody(
        `${table} (${columns.join(", ")})`,
        "JSONEachRow",
        [Buffer.from(lines)],
        token,
        options,
      );
    },
    ping: async () => (await raw().ping()).success,
    inDatabase: (database) => createStoreClient(() => ({ ...where(), database })),
    raw,
    async close() {
      const clients = [...open.values()];
      open.clear();
      await Promise.all(clients.map(({ client }) => client.close()));
    },
  };
}
