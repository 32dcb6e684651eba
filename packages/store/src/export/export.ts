import type { ClickHouseSettings } from "@clickhouse/client";
import type { StoreClient } from "../clickhouse/client.js";
import { bounded, spanOf, type Bounded } from "../read/bounds.js";
import { windowsOf } from "../read/flow-plan.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import type { FlowQuery } from "../reader.js";
import { queryBytes } from "./bytes.js";
import { CSV_HEADER, csvRowCounter } from "./csv.js";
import type { ExportFormat } from "./formats.js";
import { exportSelect } from "./select.js";
import { exportView } from "./view.js";

export interface ExportQuery extends FlowQuery {
  /** Only the oldest or the newest N. */
  first?: number;
  last?: number;
}

export interface ExportProgress {
  /** Rows that are written. Parquet's are known when all are. */
  rows: number;
  bytes: number;
}

/** One file of exported flows. */
export interface FlowExport {
  /** Rows that it will have, as counted before it began. */
  readonly expected: number;
  /** The file, piece by piece; to be read once. Ends the query when the reader stops. */
  bytes(onProgress?: (progress: ExportProgress) => void): AsyncIterable<Uint8Array>;
}

export interface FlowExporter {
  /**
   * Flows as a file, oldest first, with the columns of `EXPORT_COLUMNS`.
   * @throws FilterError, DropscopeError `QUERY_TOO_BROAD`
   */
  export(format: ExportFormat, query: ExportQuery, signal?: AbortSignal): Promise<FlowExport>;
}

export interface ExporterOptions {
  /** What one file may cost; "profile" leaves it to the store's user. `DEFAULT_LIMITS` when absent. */
  limits?: QueryLimits | "profile";
  /** Rows of CSV that are sorted at once. */
  windowRows?: number;
}

/** For somebody who may wait: all the time and rows there are, but no more memory than another question. */
export const EXPORT_LIMITS: QueryLimits = {
  seconds: 86_400,
  rows: Number.MAX_SAFE_INTEGER,
  bytes: Number.MAX_SAFE_INTEGER,
  memoryBytes: DEFAULT_LIMITS.memoryBytes,
};

const WINDOW_ROWS = 100_000;
const MIB = 1024 ** 2;

const FORMAT_SETTINGS: Readonly<Record<ExportFormat, ClickHouseSettings>> = {
  csv: {
    date_time_output_format: "iso",
    format_csv_null_representation: "",
    output_format_csv_crlf_end_of_line: 0,
  },
  parquet: {
    output_format_parquet_compression_method: "zstd",
    output_format_parquet_string_as_string: 1,
    // Groups that a reader, and the writer, hold at once.
    output_format_parquet_row_group_size: "131072",
    output_format_parquet_row_group_size_bytes: String(64 * MIB),
    // A sort that does not fit is kept on disk; so is a file of any size made within bounds.
    max_bytes_before_external_sort: String(192 * MIB),
    max_bytes_ratio_before_external_sort: 0,
    max_block_size: "16384",
  },
};

/** Makes files of stored flows. Holds neither rows nor files. */
export function createExporter(client: StoreClient, options: ExporterOptions = {}): FlowExporter {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const windowRows = options.windowRows ?? WINDOW_ROWS;
  const settings: ClickHouseSettings =
    limits === "profile"
      ? {}
      : {
          max_execution_time: limits.seconds,
          max_rows_to_read: String(limits.rows),
          max_bytes_to_read: String(limits.bytes),
          max_memory_usage: String(limits.memoryBytes),
          cancel_http_readonly_queries_on_client_close: 1,
        };

  /** One query's part of a file. */
  const part = (format: ExportFormat, piece: Piece, signal: AbortSignal | undefined) => {
    const params = new Params();
    const where = whereOf(piece.range, params);
    const { limit, offset } = piece;
    const sql = exportSelect(
      format,
      {
        where,
        ...(limit === undefined
          ? {}
          : { limit: { from: limit.from, count: params.add("UInt64", BigInt(limit.count)) } }),
        ...(offset === undefined ? {} : { offset: params.add("UInt64", BigInt(offset)) }),
      },
      exportView(piece.range.viewer, params),
    );
    const name = format === "csv" ? "CSV" : "Parquet";
    const all = { ...settings, ...FORMAT_SETTINGS[format] };
    return queryBytes(client, `${sql}\nFORMAT ${name}`, params, all, signal);
  };

  return {
    async export(format, query, signal) {
      const { pieces, expected } = await plan(run, format, query, windowRows, signal);
      return {
        expected,
        async *bytes(onProgress) {
          const counter = csvRowCounter();
          const progress: ExportProgress = { rows: 0, bytes: 0 };
          const passed = (bytes: Uint8Array, rows: number): Uint8Array => {
            progress.rows += rows;
            progress.bytes += bytes.length;
            onProgress?.(progress);
            return bytes;
          };
          if (format === "csv") yield passed(Buffer.from(CSV_HEADER), 0);
          for (const piece of pieces)
            for await (const bytes of part(format, piece, signal))
              yield passed(bytes, format === "csv" ? counter.add(bytes) : 0);
          if (format === "parquet") passed(new Uint8Array(), expected);
        },
      };
    },
  };
}

interface Piece {
  readonly range: Bounded;
  readonly limit?: { readonly from: "oldest" | "newest"; readonly count: number };
  readonly offset?: number;
}

/** Parquet is one query, since its end lists all of it; CSV is one for each window of time. */
async function plan(
  run: Runner,
  format: ExportFormat,
  query: ExportQuery,
  windowRows: number,
  signal: AbortSignal | undefined,
): Promise<{ pieces: Piece[]; expected: number }> {
  const { first, last, ...asked } = query;
  const wanted = first ?? last;
  const from = first === undefined ? "newest" : "oldest";
  const range = await bounded(run, asked, signal);
  const span =
    range === undefined || wanted === undefined
      ? undefined
      : await spanOf(run, range, wanted, from, signal);
  if (range === undefined || (wanted !== undefined && span === undefined))
    return { pieces: nothing(format, asked), expected: 0 };
  const within = {
    ...range,
    ...(span === undefined ? {} : { since: span.since, until: span.until }),
  };
  if (wanted !== undefined && (format === "parquet" || wanted <= windowRows)) {
    const expected = Math.min(wanted, span?.found ?? 0);
    return { pieces: [{ range: within, limit: { from, count: expected } }], expected };
  }
  if (format === "parquet") {
    const params = new Params();
    const [row] = await run.rows<{ rows: string }>(
      `SELECT count() AS rows FROM flows WHERE ${whereOf(within, params)}`,
      params,
      signal,
    );
    return { pieces: [{ range: within }], expected: Number(row?.rows ?? 0) };
  }
  const windows = await windowsOf(run, within, windowRows, signal);
  const total = windows.reduce((sum, window) => sum + window.rows, 0);
  // Others of the same nanosecond as the N-th may lie beyond the limit.
  let skip = wanted !== undefined && from === "newest" ? Math.max(0, total - wanted) : 0;
  let left = wanted ?? Number.POSITIVE_INFINITY;
  const pieces: Piece[] = [];
  for (const { since, until, rows } of windows) {
    const offset = Math.min(skip, rows);
    skip -= offset;
    const count = Math.min(left, rows - offset);
    left -= count;
    if (count <= 0) continue;
    pieces.push({
      range: { ...within, since, until },
      ...(offset === 0 ? {} : { offset }),
      ...(wanted === undefined ? {} : { limit: { from: "oldest" as const, count } }),
    });
  }
  return { pieces, expected: Math.min(total, wanted ?? total) };
}

/** A Parquet file without rows still says its columns. */
function nothing(format: ExportFormat, query: FlowQuery): Piece[] {
  return format === "csv" ? [] : [{ range: { ...query, since: 1n, until: 0n } }];
}
