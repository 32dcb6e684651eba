// What tuning costs: a week of a cluster of 2,000 workloads under 1,000 policies.
//   fold      all flows into connections, in the engine
//   replay    of all of them by the policies in force and by changed ones
//   edit      another text of one policy, judged over a namespace again
//   suggest   policies for a namespace of 50 workloads
//   BENCH_FLOWS     10,000,000 when absent
//   BENCH_POLICIES  1,000
//   BENCH_DATA      a folder in which the flows are kept for the next time
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { re2 } from "@dropscope/hubble/re2";
import { EVERYTHING, LOCAL_VIEWER, parseFilterLine } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { createObservedReader, openStore } from "@dropscope/store";
import * as tuning from "@dropscope/tuning";
import { tempFolder } from "./product.mjs";
import { DAYS, makeTraffic, namespaceOf, policiesYaml, policyYaml } from "./tuning/traffic.mjs";

const line = (name, text) => process.stdout.write(`${name.padEnd(46)} ${text}\n`);
const number = (value) => value.toLocaleString("en");
const flows = Number(process.env.BENCH_FLOWS ?? 10_000_000);
const policyCount = Number(process.env.BENCH_POLICIES ?? 1000);
const CLUSTER = "bench";

async function timed(work) {
  const started = performance.now();
  const result = await work();
  return { result, ms: performance.now() - started };
}
const seconds = (ms) => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`);

const kept = process.env.BENCH_DATA;
const dataDir = kept ?? tempFolder();
const noted = `${dataDir}/bench-tuning.json`;
const store = openStore({ dataDir });
await store.start();
let range;
if (existsSync(noted)) range = JSON.parse(readFileSync(noted, "utf8"));
else {
  const made = await timed(() =>
    makeTraffic(store.client, flows, Math.floor(Date.now() / 60_000) * 60_000),
  );
  range = made.result;
  writeFileSync(noted, JSON.stringify(range));
  line("stored", `${number(flows)} flows over ${DAYS} days, made in ${seconds(made.ms)}`);
}

const profile = { ...PROFILES.cilium, cluster: CLUSTER };
const observed = createObservedReader(store.client);
const ask = (selection) => ({
  viewer: LOCAL_VIEWER,
  selection,
  since: BigInt(range.since) * 1_000_000n,
  until: BigInt(range.until) * 1_000_000n,
});
const read = (yaml) =>
  mergeManifests([parseManifests(yaml, "policies.yaml", { cluster: CLUSTER })]);

const folded = await timed(() => observed.traffic(ask(EVERYTHING)));
const traffic = folded.result;
line(
  `fold ${number(traffic.flows)} flows`,
  `${seconds(folded.ms)}, ${number(traffic.edges.length)} connections`,
);

const cluster = tuning.clusterOfManifests(read(policiesYaml(policyCount)), {
  at: range.until,
  profile,
});
const candidate = (workload, port) =>
  tuning.readCandidate(policyYaml(workload, port), { cluster: CLUSTER });
const whole = await timed(() => {
  const replayer = tuning.createReplayer(cluster, traffic);
  return replayer.replay(candidate(0, 1234));
});
const { counts } = whole.result;
line(
  `replay by ${number(cluster.policies.length)} policies`,
  `${seconds(whole.ms)}: ${number(counts.newlyDenied.edges)} newly denied, ${number(counts.stillDenied.edges)} denied before, ${number(counts.stillAllowed.edges)} allowed, ${number(counts.unknown.edges)} unknown`,
);
line("replay of all, with the fold (≤ 10 s)", seconds(folded.ms + whole.ms));

const namespace = namespaceOf(0);
const own = await timed(() =>
  observed.traffic(ask(parseFilterLine(`--namespace ${namespace}`, { regex: re2 }))),
);
line(
  `fold namespace ${namespace}`,
  `${seconds(own.ms)}, ${number(own.result.flows)} flows, ${number(own.result.edges.length)} connections`,
);
const first = await timed(() => tuning.createReplayer(cluster, own.result));
const edits = [];
for (let at = 0; at < 30; at += 1) {
  const yaml = policyYaml(0, 2000 + at);
  const { ms } = await timed(() => {
    first.result.replay(tuning.readCandidate(yaml, { cluster: CLUSTER }));
    tuning.lintCandidate(yaml, cluster);
  });
  edits.push(ms);
}
edits.sort((a, b) => a - b);
line(
  "edit → replay of a namespace, with lints (≤ 1 s)",
  `median ${seconds(edits[15])}, slowest ${seconds(edits.at(-1))}, after ${seconds(first.ms)} once`,
);

if (tuning.suggest !== undefined) {
  const suggested = await timed(() =>
    tuning.suggest(own.result, cluster, { namespaces: [namespace] }),
  );
  const { policies } = suggested.result;
  line(
    "suggest for a namespace, with its fold (≤ 5 s)",
    `${seconds(own.ms + suggested.ms)}, ${policies.length} policies with ${policies.reduce((sum, { rules }) => sum + rules.length, 0)} rules`,
  );
}
await store.stop(10_000);
process.exit();
