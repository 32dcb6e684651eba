/** One column of a table: the migrations, the Native writer, the reader and docs/fields.md are all driven by it. */
export interface Column {
  readonly name: string;
  /** ClickHouse type, as it stands in DDL and in the Native block. */
  readonly type: string;
  /** Compression; `ZSTD(1)` when absent. */
  readonly codec?: string;
  /** Proto paths below `flow.Flow` whose content lands here. */
  readonly from: readonly string[];
  readonly comment: string;
}
