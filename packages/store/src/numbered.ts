import { newBatchId, type Batch } from "./batch.js";
import { BlockBuilder } from "./native/index.js";
import { FLOW_COLUMNS } from "./schema/flows.js";

/**
 * Batches for tests whose flows carry a number: as their uuid (`00000000-0000-0000-0000-…`),
 * so that what is stored can be compared with what was acknowledged, one by one.
 */
export interface NumberedOptions {
  /** First number; the flows are first … first + count - 1. */
  first: number;
  count: number;
  /** ns since 1970 of the first flow; one ms apart. Now when absent. */
  timeNs?: bigint;
  /** Set for rows that a test wants the store to refuse. */
  summaryOf?: (number: number) => string;
  batch?: bigint;
}

const builder = new BlockBuilder(FLOW_COLUMNS);

export function numberedBatch(options: NumberedOptions): Batch {
  const id = options.batch ?? newBatchId(Date.now());
  const start = options.timeNs ?? BigInt(Date.now()) * 1_000_000n;
  const today = Math.floor(Date.now() / 86_400_000);
  const { columns } = builder;
  const web = builder.atoms.internText("web");
  for (let i = 0; i < options.count; i += 1) {
    const number = options.first + i;
    const row = builder.addRow();
    columns.time.setBig(row, start + BigInt(i) * 1_000_000n);
    columns.batch.setBig(row, id);
    columns.stored_on.set(row, today);
    columns.uuid.set(row, uuidBytes(number), 0);
    columns.flow_count.set(row, 1);
    columns.verdict.set(row, number % 3 === 0 ? 2 : 1);
    columns.kept_long.set(row, number % 3 === 0 ? 1 : 0);
    columns.src_namespace.set(row, web);
    columns.src_workload.set(row, web);
    columns.dst_port.set(row, 80);
    if (options.summaryOf) columns.summary.setText(row, options.summaryOf(number));
  }
  const block = builder.finish("flows");
  const last = start + BigInt(Math.max(0, options.count - 1)) * 1_000_000n;
  return { id, blocks: [block], flows: options.count, minTimeNs: start, maxTimeNs: last };
}

function uuidBytes(number: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64BE(BigInt(number), 8);
  return bytes;
}

/** The number of a stored flow. */
export function numberOf(uuid: string): number {
  return Number.parseInt(uuid.slice(-12), 16);
}
