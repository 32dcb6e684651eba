// Sustained ingest from a relay to stored rows with rollups: rate, CPU by stage, memory, disk.
// The source runs in a second process and takes its share of the same cores.
import { existsSync } from "node:fs";
import { openStore } from "@dropscope/store";
import { cpuByThread, rssBytes, tree } from "./processes.mjs";
import { sleep, startLoad, startProduct, stopped, tempFolder } from "./product.mjs";

const total = Number(process.env.BENCH_FLOWS ?? 1_500_000);
/** The first flows pay for starting and compiling; they are stored, not timed. */
const warm = Math.floor(total / 5);

const data = tempFolder();
const relay = await startLoad(["--total", String(total)]);
const { child } = startProduct(["ingest", "--relay", relay, "--data", data]);

const count = "SELECT sum(flows) AS flows FROM batches";
let store;
/** Most that each process, and both at one moment, had in memory, bytes. */
const peak = { ingester: 0, engine: 0, both: 0 };
let begun;
let now = { at: 0, flows: 0 };
while (now.flows < total) {
  await sleep(100);
  notePeak();
  // Not before its engine runs: else ours would be the one that owns the folder.
  if (!store && !existsSync(`${data}/engine.json`)) continue;
  if (!store) {
    const opened = openStore({ dataDir: data, share: true, requireStore: true });
    try {
      await opened.start();
      store = opened;
    } catch {
      await opened.stop(1_000);
      continue;
    }
  }
  const [row] = await store.client.query(count);
  now = { at: performance.now(), flows: Number(row.flows) };
  if (!begun && now.flows >= warm) begun = { ...now, cpu: cpu() };
}
const ended = { ...now, cpu: cpu() };

function notePeak() {
  const [ingester = 0, engine = 0] = tree(child.pid).map(rssBytes);
  peak.ingester = Math.max(peak.ingester, ingester);
  peak.engine = Math.max(peak.engine, engine);
  peak.both = Math.max(peak.both, ingester + engine);
}

function cpu() {
  const engine = tree(child.pid).find((pid) => pid !== child.pid);
  return { ingester: cpuByThread(child.pid), engine: cpuByThread(engine).total };
}

const flows = ended.flows - begun.flows;
const seconds = (ended.at - begun.at) / 1000;
const perFlow = (read) => ((read(ended.cpu) - read(begun.cpu)) * 1e6) / flows;
const line = (name, value) => process.stdout.write(`${name.padEnd(46)} ${value}\n`);
const us = (value) => `${value.toFixed(1)} µs of CPU a flow`;
line(
  "flows stored, with rollups",
  `${ended.flows.toLocaleString("en-US")} (${warm.toLocaleString("en-US")} of them to warm up)`,
);
line("sustained rate", `${Math.round(flows / seconds).toLocaleString("en-US")} flows/s`);
line("receive, decode, batch (worker thread)", us(perFlow((at) => at.ingester.worker)));
line("seal, deliver (main thread)", us(perFlow((at) => at.ingester.main)));
line("collector, disk (other threads)", us(perFlow((at) => at.ingester.rest)));
line("insert, rollups, merges (engine)", us(perFlow((at) => at.engine)));
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
line("peak resident memory, engine included", mb(peak.both));
line("  of the ingester / of the engine", `${mb(peak.ingester)} / ${mb(peak.engine)}`);

await store.stop(5_000);
await stopped(child);
const alone = openStore({ dataDir: data, requireStore: true });
await alone.start();
await alone.drained();
await alone.client.command("OPTIMIZE TABLE flows FINAL", {}, { timeoutMs: 600_000 });
const parts = await alone.client.query(
  "SELECT table, sum(bytes_on_disk) AS bytes, sum(rows) AS rows FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC",
);
for (const { table, bytes, rows } of parts)
  line(
    `disk: ${table}`,
    `${(Number(bytes) / total).toFixed(2)} bytes a flow, ${Number(rows).toLocaleString("en-US")} rows`,
  );
await alone.stop(10_000);
process.exit(0);
