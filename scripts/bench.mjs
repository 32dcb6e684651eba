// `npm run bench [-- NAME…]`: measures what the product claims, prints the figures and the machine.
// Nothing here fails on a slow machine: figures are read by people and compared within one run.
import { spawnSync } from "node:child_process";
import { checkNode, ensureBuilt, ensureInstalled, root } from "./prepare.mjs";

checkNode();
ensureInstalled();
ensureBuilt();

/** Each prints its own lines; they run one after the other, in this order. */
const benches = {
  correlator: "scripts/bench/correlator.mjs",
  decode: "packages/ingester/bench/decode.mjs",
  forensics: "scripts/bench/forensics.mjs",
  ingest: "scripts/bench/ingest.mjs",
  latency: "scripts/bench/latency.mjs",
  policy: "scripts/bench/policy.mjs",
  start: "scripts/bench/start.mjs",
  tuning: "scripts/bench/tuning.mjs",
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(", ")}. There are: ${Object.keys(benches).join(", ")}.\n`,
  );
  process.exit(2);
}
const { describeMachine } = await import("./bench/machine.mjs");
process.stdout.write(`${describeMachine()}\n`);
for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(process.execPath, ["--expose-gc", `${root}${benches[name]}`], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
