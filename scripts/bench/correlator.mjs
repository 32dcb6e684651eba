// What the correlator does in time, and in how much memory.
//   explain   flows of denied packets explained in one process, against 1,000 policies
//   live      2,000 dropped flows a second (1,000 denied packets, two events each) from a relay,
//             through spool and store, explained by a process on one core: from sealed to explained
//   one       100,000 packets of one incident
//   memory    1,000,000 different edges
import { spawnSync } from "node:child_process";
import { live } from "./correlator/live.mjs";
import { explainRate } from "./correlator/explain.mjs";
import { root } from "../prepare.mjs";

const line = (name, text) => process.stdout.write(`${name.padEnd(34)} ${text}\n`);
const size = { policies: 1000, pods: 5000, namespaces: 50, connections: 1500 };

explainRate(size, line);
await live(
  {
    ...size,
    rate: Number(process.env.BENCH_RATE ?? 2000),
    seconds: Number(process.env.BENCH_SECONDS ?? 30),
  },
  line,
);
// In processes of their own: what they hold must not count for one another.
for (const what of ["one", "memory"]) {
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--expose-gc", `${root}scripts/bench/correlator/fold.mjs`, what],
    { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
  );
  process.stdout.write(stdout);
  if (status !== 0) process.exitCode = 1;
}
process.exit();
