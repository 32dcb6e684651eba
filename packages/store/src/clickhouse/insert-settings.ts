import type { ClickHouseSettings } from "@clickhouse/client";

/**
 * Settings of every insert that comes from the spool. They are part of the batch's
 * contract: a token only recognises a block that is cut and sorted the same way.
 */
export function insertSettings(token: string): ClickHouseSettings {
  return {
    async_insert: 0,
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    // One body, one block: the block is what the token stands for.
    max_insert_block_size: "1048576",
    min_insert_block_size_rows: "1048576",
    min_insert_block_size_bytes: "268435456",
    max_insert_threads: "1",
    input_format_parallel_parsing: 0,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    max_partitions_per_insert_block: "16",
  };
}
