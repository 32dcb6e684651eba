// From sealed (acknowledged on disk) to seen (a live frame in the hands of a browser's socket),
// while flows arrive at a steady rate.
import { createRequire } from "node:module";
import { openStore } from "@dropscope/store";
import { root } from "../prepare.mjs";
import { percentile } from "./machine.mjs";
import { sleep, startLoad, startProduct, stopped, tempFolder } from "./product.mjs";

const { io } = createRequire(`${root}packages/web/package.json`)("socket.io-client");

const rate = Number(process.env.BENCH_RATE ?? 5_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 30);

const data = tempFolder();
const relay = await startLoad(["--rate", String(rate)]);
const { child, ready } = startProduct(["up", "--relay", relay, "--data", data, "--port", "0"]);
const url = (await ready).split(" ").at(-1);
// The first seconds pay for compiling.
await sleep(8_000);

/** When each flow that a frame showed arrived, ms since 1970. */
const seen = [];
const socket = io(url, { transports: ["websocket"], extraHeaders: { origin: url } });
socket.on("frame", (frame) => {
  const at = Date.now();
  for (const { uuid } of frame.flows) seen.push([uuid, at]);
});
await new Promise((resolve) => {
  socket.on("connect", () => socket.emit("subscribe", { filter: "" }, resolve));
});
const from = Date.now();
await sleep(seconds * 1000);
socket.close();

const store = openStore({ dataDir: data, share: true, requireStore: true });
await store.start();
const batchOf = new Map();
for await (const rows of store.client.stream("SELECT uuid, toString(batch) AS batch FROM flows"))
  for (const { uuid, batch } of rows) batchOf.set(uuid, batch);
const batches = await store.client.query(
  "SELECT toString(batch) AS batch, flows, toUnixTimestamp64Milli(sealed_at) AS sealed, intDiv(toUnixTimestamp64Nano(stored_at), 1000000) AS stored FROM batches ORDER BY stored_at",
);
await store.stop(5_000);
await stopped(child);

const arrival = new Map();
for (const [uuid, at] of seen) {
  const batch = batchOf.get(uuid);
  if (batch !== undefined && !arrival.has(batch)) arrival.set(batch, at);
}
// A frame shows at most 200 rows: a batch without a row of its own was seen with the next that has one.
let later;
const measured = [];
for (const batch of batches.toReversed()) {
  const at = arrival.get(batch.batch) ?? later;
  later = at;
  if (at !== undefined && Number(batch.sealed) > from)
    measured.push({
      flows: Number(batch.flows),
      seen: at - Number(batch.sealed),
      stored: Number(batch.stored) - Number(batch.sealed),
    });
}
const line = (name, value) => process.stdout.write(`${name.padEnd(46)} ${value}\n`);
const spread = (read) =>
  [0.5, 0.95, 1]
    .map((share) => `${percentile(measured.map(read), share).toFixed(0)} ms`)
    .join(" / ");
line(
  "rate",
  `${rate.toLocaleString("en-US")} flows/s for ${seconds} s, ${measured.length} batches`,
);
line(
  "sealed to stored, p50 / p95 / worst",
  spread((batch) => batch.stored),
);
line(
  "sealed to seen, p50 / p95 / worst",
  spread((batch) => batch.seen),
);
process.exit(0);
