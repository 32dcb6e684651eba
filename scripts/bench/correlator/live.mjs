// The product as it runs: a relay, `dropscope ingest` with its engine, and `dropscope correlate`
// on one core, each a process of its own.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { openStore } from "@dropscope/store";
import { LEAN_ENV } from "../../memory.mjs";
import { root } from "../../prepare.mjs";
import { percentile } from "../machine.mjs";
import { cpuByThread, rssBytes } from "../processes.mjs";
import { sleep, startProduct, stopped, tempFolder } from "../product.mjs";

/** The first seconds pay for starting and compiling. */
const WARM_MS = 10_000;

export async function live({ rate, seconds, policies, pods, namespaces, connections }, line) {
  const data = tempFolder();
  const folder = join(data, "policies");
  mkdirSync(folder, { recursive: true });
  const relay = await startFeeder([rate / 2, policies, pods, namespaces, connections, folder]);
  const { child: ingest } = startProduct(["ingest", "--relay", relay.address, "--data", data]);
  while (!existsSync(join(data, "engine.json"))) await sleep(100);
  const correlate = startCorrelate(["--data", data, "--policies", folder]);
  await correlate.first;
  await sleep(WARM_MS);
  const from = Date.now();
  const before = cpuByThread(correlate.child.pid).total;
  await sleep(seconds * 1000);
  const cpu = (cpuByThread(correlate.child.pid).total - before) / seconds;
  const rss = rssBytes(correlate.child.pid) / 1024 ** 2;
  const until = Date.now();
  // What was sealed last must be explained too.
  await sleep(4_000);
  await stopped(correlate.child);
  relay.child.kill();

  const store = openStore({ dataDir: data, share: true, requireStore: true });
  await store.start();
  const batches = await store.client.query(
    "SELECT toString(batch) AS batch, flows, toUnixTimestamp64Milli(sealed_at) AS sealed FROM batches",
  );
  const delays = [];
  let [flows, missing] = [0, 0];
  const window = batches.filter(({ sealed }) => Number(sealed) >= from && Number(sealed) < until);
  const sealedAt = new Map(window.map(({ batch, sealed }) => [batch, Number(sealed)]));
  const rows = "SELECT uuid, toString(batch) AS batch FROM flows WHERE verdict = 2";
  for await (const some of store.client.stream(rows))
    for (const { uuid, batch } of some) {
      const sealed = sealedAt.get(batch);
      if (sealed === undefined) continue;
      flows += 1;
      const at = correlate.explained.get(uuid);
      if (at === undefined) missing += 1;
      else delays.push(at - sealed);
    }
  const [{ problems }] = await store.client.query("SELECT uniqExact(id) AS problems FROM problems");
  await store.stop(5_000);
  await stopped(ingest);

  const [p50, p95, worst] = [0.5, 0.95, 1].map((share) => percentile(delays, share));
  line(
    "live, rate",
    `${Math.round(flows / seconds).toLocaleString("en-US")} dropped flows/s for ${seconds} s, of ${connections} connections${pinned ? ", correlate on one core" : ""}`,
  );
  line("live, sealed to explained", `p50 ${p50} ms, p95 ${p95} ms, worst ${worst} ms`);
  line("live, not explained", `${missing} of ${flows}`);
  line(
    "live, correlate",
    `${(cpu * 100).toFixed(0)} % of a core, ${rss.toFixed(0)} MiB, ${problems} problems`,
  );
  if (missing > 0 || !(p95 <= 2000)) {
    line("live", "MISSED: p95 must be 2,000 ms at most, and nothing may be left out");
    process.exitCode = 1;
  }
}

/** Where the command to pin a process to a core is missing, its CPU says whether one was enough. */
const pinned = spawnSync("taskset", ["--version"]).status === 0;

function startFeeder(args) {
  const child = spawn(
    process.execPath,
    [`${root}scripts/bench/correlator/feeder.mjs`, ...args.map(String)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  process.on("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve) => {
    child.stdout.once("data", (chunk) => resolve({ child, ...JSON.parse(chunk) }));
  });
}

/** `dropscope correlate`, with the time (ms since 1970) at which each flow's line came. */
function startCorrelate(args) {
  const words = [`${root}packages/cli/bin/dropscope.mjs`, "correlate", ...args];
  const command = [process.execPath, ...words, "--log-level", "error"];
  const [program, ...rest] = pinned ? ["taskset", "--cpu-list", "0", ...command] : command;
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...LEAN_ENV, ...process.env },
  });
  process.on("exit", () => child.kill("SIGKILL"));
  const explained = new Map();
  let seen;
  const first = new Promise((resolve) => (seen = resolve));
  let kept = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    const at = Date.now();
    const lines = (kept + chunk).split("\n");
    kept = lines.pop();
    for (const text of lines) explained.set(text.slice(9, 45), at);
    if (explained.size > 0) seen();
  });
  return { child, explained, first };
}
