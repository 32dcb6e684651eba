// A process for kill tests: seals numbered flows as fast as it is told and prints every
// number range after it was acknowledged. argv: data folder, first number, batches, rows a batch.
import { openStore } from "@dropscope/store";
import { numberedBatch } from "@dropscope/store/testing";
import { writeSync } from "node:fs";

const [dataDir, first, batches, rows] = process.argv.slice(2);
const poison = Number(process.env.POISON ?? -1);
const summaryOf = (number) => (number === poison ? "poison" : "");
const store = openStore({ dataDir, memoryBytes: 1024 * 1024 * 1024 });
await store.start();
for (let i = 0; i < Number(batches); i += 1) {
  const start = Number(first) + i * Number(rows);
  await store.door.seal(numberedBatch({ first: start, count: Number(rows), summaryOf }));
  // Written at once: what is acknowledged must be known even when the next line never runs.
  writeSync(1, `${start}\n`);
}
await store.drained();
writeSync(1, "drained\n");
await store.stop(10_000);
