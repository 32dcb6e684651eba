// A store with 24 hours of flows, and the product that serves it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { newBatchId, openStore } from "@dropscope/store";
import { tree } from "../processes.mjs";
import { sleep, startLoad, startProduct, stopped, tempFolder } from "../product.mjs";

/** Flows that come over gRPC. */
const SEEDS = Number(process.env.BENCH_SEEDS ?? 200_000);
/** Rows of one insert when they are multiplied. */
const CHUNK = 1_000_000;
const DAY_S = 86_400;

export async function startStored(flows, line) {
  const kept = process.env.BENCH_DATA;
  const data = kept ?? tempFolder();
  // Whole minutes: rollups count by them.
  const until = Math.floor(Date.now() / 60_000) * 60_000 - 300_000;
  let range = { since: until - DAY_S * 1000, until };
  if (kept !== undefined && existsSync(`${data}/bench.json`))
    range = JSON.parse(readFileSync(`${data}/bench.json`, "utf8"));
  else {
    const seeds = Math.min(SEEDS, flows);
    await ingest(data, seeds);
    await multiply(data, seeds, flows, range, line);
    writeFileSync(`${data}/bench.json`, JSON.stringify(range));
  }
  const observerPort = await freePort();
  const server = await serve(data, observerPort);
  return {
    data,
    flows,
    range,
    ...server,
    engine: tree(server.child.pid).find((pid) => pid !== server.child.pid),
    stop: () => stopped(server.child),
  };
}

/** From a relay, through spool and store. */
async function ingest(data, seeds) {
  const relay = await startLoad(["--total", String(seeds)]);
  const { child } = startProduct(["ingest", "--relay", relay, "--data", data]);
  while (!existsSync(`${data}/engine.json`)) await sleep(50);
  const store = openStore({ dataDir: data, share: true, requireStore: true });
  for (;;) {
    try {
      await store.start();
      break;
    } catch {
      await sleep(200);
    }
  }
  for (;;) {
    const [row] = await store.client.query("SELECT sum(flows) AS flows FROM batches");
    if (Number(row.flows) >= seeds) break;
    await sleep(100);
  }
  await store.stop(5_000);
  await stopped(child);
}

async function multiply(data, seeds, flows, { since, until }, line) {
  const started = performance.now();
  const store = openStore({ dataDir: data });
  await store.start();
  const seconds = (until - since) / 1000;
  // Where a copy lies in the day follows from its seed and its number, so that pods talk all day.
  const at = (copy) =>
    `fromUnixTimestamp64Nano(toInt64(${since}000000 + (cityHash64(uuid, ${copy}) % toUInt64(${seconds} * 1000000)) * 1000), 'UTC')`;
  let total = 0;
  const copies = Math.ceil(flows / seeds);
  const perInsert = Math.max(1, Math.floor(CHUNK / seeds));
  const seedBatches = (
    await store.client.query("SELECT toString(groupArray(batch)) AS ids FROM batches")
  )[0].ids;
  for (let copy = 0; copy < copies; copy += perInsert) {
    const some = Array.from({ length: Math.min(perInsert, copies - copy) }, (_, i) => copy + i);
    const id = newBatchId(Date.now());
    for (const one of some) {
      // What the last copy has too many stays out.
      const limit = Math.min(seeds, flows - one * seeds);
      await store.client.command(
        `INSERT INTO flows SELECT * REPLACE(${at(one)} AS time, generateUUIDv4(${one}) AS uuid, toUInt64(${id}) AS batch)
         FROM (SELECT * FROM flows WHERE batch IN ${seedBatches} LIMIT ${limit}) SETTINGS max_partitions_per_insert_block = 100`,
        {},
      );
      total += limit;
    }
    await store.client.command(
      `INSERT INTO batches (batch, writer, flows, bytes, min_time, max_time, sealed_at)
       VALUES (${id}, 'bench', ${some.length * seeds}, 1, toDateTime64('${stamp(since)}', 9, 'UTC'), toDateTime64('${stamp(until)}', 9, 'UTC'), now64(3))`,
      {},
    );
  }
  // The seeds themselves are of now; only the day counts.
  await store.client.command(
    `ALTER TABLE flows DELETE WHERE batch IN ${seedBatches} SETTINGS mutations_sync = 2`,
    {},
  );
  await merged(store);
  const [row] = await store.client.query(
    "SELECT count() AS rows, countIf(verdict = 2) AS drops, uniq(src_pod) AS pods FROM flows",
  );
  const [disk] = await store.client.query(
    "SELECT sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE active AND table = 'flows' AND database = currentDatabase()",
  );
  await store.stop(10_000);
  line(
    "stored",
    `${Number(row.rows).toLocaleString("en")} flows over 24 h, ${((100 * row.drops) / row.rows).toFixed(1)} % dropped, ${row.pods} pods; ${disk.parts} parts, ${(disk.bytes / row.rows).toFixed(0)} B/flow, made in ${((performance.now() - started) / 1000).toFixed(0)} s from ${seeds.toLocaleString("en")}`,
  );
  if (total !== Number(row.rows)) line("stored", `expected ${total}`);
}

/** The engine merges in the background; it may have its time before anything is measured. */
async function merged(store) {
  for (let quiet = 0, waited = 0; quiet < 3 && waited < 120; waited += 1) {
    const [row] = await store.client.query("SELECT count() AS merges FROM system.merges");
    quiet = Number(row.merges) === 0 ? quiet + 1 : 0;
    await sleep(1_000);
  }
}

const stamp = (ms) => new Date(ms).toISOString().slice(0, 23).replace("T", " ");

/** Serves the page, and Hubble's own API where the product can. */
async function serve(data, port) {
  const plain = ["serve", "--data", data, "--port", "0"];
  if (await knows("--observer")) {
    const address = `127.0.0.1:${port}`;
    const { child, ready } = startProduct([...plain, "--observer", address], isReady);
    return { child, url: urlIn(await ready), observer: address };
  }
  const { child, ready } = startProduct(plain, isReady);
  return { child, url: urlIn(await ready), observer: undefined };
}

const isReady = (text) => text.includes("is ready: http");
const urlIn = (text) => /https?:\S+/.exec(text)?.[0];

/** Whether the command has a flag. */
export async function knows(flag, command = ["serve"]) {
  const { spawnSync } = await import("node:child_process");
  const { root } = await import("../../prepare.mjs");
  const bin = `${root}packages/cli/bin/dropscope.mjs`;
  const { status, stdout } = spawnSync(process.execPath, [bin, ...command, "--help"], {
    encoding: "utf8",
  });
  return status === 0 && stdout.includes(flag);
}

async function freePort() {
  const { createServer } = await import("node:net");
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
