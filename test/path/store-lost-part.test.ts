// The engine notes a part's token before it makes the part visible. Killed between the two, it
// would take the next try for a repeat and drop it.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@dropscope/store";
import { afterEach, beforeEach, expect, test } from "vitest";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "dropscope-part-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const row = {
  batch: "1",
  writer: "test",
  flows: 7,
  bytes: 1,
  min_time: "2026-01-02 03:04:05.000000000",
  max_time: "2026-01-02 03:04:05.000000000",
  sealed_at: "2026-01-02 03:04:05.000",
};

/** Inserts the same row with the same token; how often it is there then. */
async function insertAgain(): Promise<{ rows: number; uuid: string }> {
  const store = openStore({ dataDir: data, requireStore: true });
  await store.start();
  try {
    await store.client.insertRows("batches", [row], "one-token");
    const [found] = await store.client.query<{ rows: string; uuid: string }>(
      "SELECT (SELECT count() FROM batches) AS rows, toString(uuid) AS uuid FROM system.tables WHERE database = currentDatabase() AND name = 'batches'",
    );
    return { rows: Number(found!.rows), uuid: found!.uuid };
  } finally {
    await store.stop(10_000);
  }
}

function partsOf(uuid: string): string[] {
  const table = join(data, "clickhouse", "store", uuid.slice(0, 3), uuid);
  return readdirSync(table)
    .filter((name) => /^\d+_\d+_\d+_\d+$/.test(name))
    .map((name) => join(table, name));
}

test("R1: a part that was noted and never came to be is stored on the next try", async () => {
  const { rows, uuid } = await insertAgain();
  expect(rows).toBe(1);
  for (const part of partsOf(uuid)) rmSync(part, { recursive: true });
  expect((await insertAgain()).rows).toBe(1);
});

test("a part that is there is still told apart from a new one", async () => {
  await insertAgain();
  expect((await insertAgain()).rows).toBe(1);
});

test("control: where the token stays, the engine drops the next try", async () => {
  const { uuid } = await insertAgain();
  for (const part of partsOf(uuid)) {
    rmSync(part, { recursive: true });
    // Looks like the part to whoever only reads names; the engine puts it aside as broken.
    mkdirSync(part);
  }
  expect((await insertAgain()).rows).toBe(0);
});
