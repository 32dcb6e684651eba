import { createHash } from "node:crypto";
import { quote } from "../engine/sql-text.js";
import type { StoreClient } from "../clickhouse/client.js";
import { CLASS_TABLES } from "./classes.js";
import type { RemovalRow } from "./removals.js";

interface Step {
  readonly now: number;
  readonly killPoint?: (point: "decided" | "dropped") => void;
}

/**
 * Drops a partition and says so, in an order that a kill at any moment leaves true: first the note of
 * what is about to happen, then the gap, then the drop, then the note that it happened. Done again,
 * it does what is missing.
 * @returns what there was to remove, as it was when it was decided
 */
export async function removePartition(
  client: StoreClient,
  row: RemovalRow,
  step: Step,
): Promise<{ rows: number; bytes: number }> {
  // Of the closed list of our own tables, whatever a row of the store says.
  const table = CLASS_TABLES.find((one) => one.table === row.table_name)?.table;
  if (table === undefined) throw new Error(`no table ${row.table_name} has days`);
  await note(client, row, "removing");
  step.killPoint?.("decided");
  if (table === "flows")
    await client.insertRows("gaps", [gapOf(row, step.now)], `removed/${row.id}`);
  await client.command(`ALTER TABLE ${table} DROP PARTITION ID ${quote(row.partition_id)}`);
  step.killPoint?.("dropped");
  await note(client, row, "removed");
  return { rows: Number(row.rows), bytes: Number(row.bytes) };
}

async function note(
  client: StoreClient,
  row: RemovalRow,
  state: "removing" | "removed",
): Promise<void> {
  const version = state === "removing" ? "1" : "2";
  await client.insertRows("removals", [{ ...row, state, version }], `${row.id}/${state}`);
}

/** Views hatch the day, and lists say that its flows are not there any more. */
function gapOf(row: RemovalRow, now: number): Record<string, unknown> {
  const what = row.class === "drops" ? "dropped flows" : "flows that were not dropped";
  const hex = createHash("sha256").update(`removal/${row.id}`).digest("hex");
  return {
    time: `${row.at}000000`,
    batch: "0",
    stored_on: new Date(now).toISOString().slice(0, 10),
    id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`,
    node: "",
    cause: "removed",
    source: -1,
    count: row.rows,
    lost_from: `${row.day} 00:00:00`,
    lost_to: `${row.day} 23:59:59.999999999`,
    cpu: null,
    message: `${what} were removed to keep the disk bound`,
  };
}
