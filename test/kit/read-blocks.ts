import {
  type Batch,
  FLOW_COLUMNS,
  GAP_COLUMNS,
  IDENTITY_COLUMNS,
  POLICY_REF_COLUMNS,
  type SpooledTable,
} from "@dropscope/store";
import { createTable, inChdb } from "./chdb.js";

const SCHEMAS = {
  flows: FLOW_COLUMNS,
  identities: IDENTITY_COLUMNS,
  policy_refs: POLICY_REF_COLUMNS,
  gaps: GAP_COLUMNS,
} as const;

/** Inserts the blocks of batches into tables of a fresh engine, and reads everything back as JSON rows. */
export async function readBack(
  batches: readonly Pick<Batch, "blocks">[],
): Promise<Record<SpooledTable, Record<string, unknown>[]>> {
  const blocks = batches.flatMap((batch, b) =>
    batch.blocks.map((block, i) => ({ file: `${b}-${i}.native`, block })),
  );
  const tables = Object.keys(SCHEMAS) as SpooledTable[];
  const files = Object.fromEntries(
    blocks.map(({ file, block }) => [file, Buffer.concat(block.chunks)]),
  );
  const answers = await inChdb(files, (path) => [
    ...tables.map((table) => createTable(table, SCHEMAS[table])),
    ...blocks.map(
      ({ file, block }) =>
        `INSERT INTO ${block.table} SELECT * FROM file('${path(file)}', 'Native')`,
    ),
    ...tables.map(
      (table) =>
        `SELECT * FROM ${table} SETTINGS output_format_json_quote_64bit_integers = 1, max_threads = 1`,
    ),
  ]);
  const last = answers.slice(-tables.length);
  return Object.fromEntries(tables.map((table, i) => [table, last[i]])) as Record<
    SpooledTable,
    Record<string, unknown>[]
  >;
}
