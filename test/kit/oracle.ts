import { expect } from "vitest";
import { numberOf } from "@dropscope/store/testing";
import type { StoreBooks, StoreClient } from "@dropscope/store";

/** Numbers of all stored flows, as often as they are stored. */
export async function storedNumbers(client: StoreClient): Promise<number[]> {
  const rows = await client.query<{ uuid: string }>(
    "SELECT toString(uuid) AS uuid FROM flows ORDER BY uuid",
  );
  return rows.map((row) => numberOf(row.uuid));
}

/** Sums of the rollups that count every flow of `numberedBatch` once. */
export async function rollupSums(client: StoreClient): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const table of ["drops_1m", "edges_1m", "peers_1h"]) {
    const [row] = await client.query<{ n: string }>(`SELECT sum(count) AS n FROM ${table}`);
    sums[table] = Number(row?.n ?? 0);
  }
  return sums;
}

/**
 * Compares what is stored with what was acknowledged: every acknowledged number is there,
 * none is there twice, and rollups and ledger count the same flows as the raw rows.
 */
export async function expectExactly(client: StoreClient, acknowledged: Set<number>): Promise<void> {
  const stored = await storedNumbers(client);
  const once = new Set(stored);
  const lost = [...acknowledged].filter((number) => !once.has(number));
  expect(lost, "acknowledged but not stored").toEqual([]);
  expect(stored.length - once.size, "stored twice").toBe(0);
  const [ledger] = await client.query<{ n: string; batches: string; ids: string }>(
    "SELECT sum(flows) AS n, count() AS batches, uniqExact(batch) AS ids FROM batches",
  );
  expect(Number(ledger?.batches), "ledger rows").toBe(Number(ledger?.ids));
  expect(
    { raw: stored.length, ledger: Number(ledger?.n), ...(await rollupSums(client)) },
    "raw rows, ledger and rollups agree",
  ).toEqual({
    raw: stored.length,
    ledger: stored.length,
    drops_1m: stored.length,
    edges_1m: stored.length,
    // Only one end of a numbered flow has a workload.
    peers_1h: stored.length,
  });
}

export function expectBooks(books: StoreBooks): void {
  expect(books.sealedTotal).toBe(books.stored + books.waiting + books.quarantined);
}
