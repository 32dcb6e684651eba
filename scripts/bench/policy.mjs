// Decisions by index at the size of a large cluster:
//   node --expose-gc scripts/bench/policy.mjs [--policies N] [--pods N] [--namespaces N] [--profile P] [--rounds N]
// One process that does nothing else; of each kind of question the median of the rounds.
//   load    policies from YAML texts and pods from their labels, up to the first answer
//   memory  RSS after a full collection, with all answers of below kept
//   cold    connections between random pods that nobody asked about before
//   cached  2^17 connections of random pods, asked again and again
//   change  one policy replaced by another
import { parseArgs } from "node:util";
import { createEngine, explainDecision, parseManifests, PROFILES } from "@dropscope/policy";
import { percentile } from "./machine.mjs";
import { bigCluster } from "./policy-cluster.mjs";

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "10000" },
    pods: { type: "string", default: "100000" },
    namespaces: { type: "string", default: "200" },
    profile: { type: "string", default: "cilium" },
    rounds: { type: "string", default: "5" },
  },
});
const profile = PROFILES[values.profile];
const ROUNDS = Number(values.rounds);
const QUESTIONS = 2 ** 17;
const PORTS = [80, 443, 5432, 8080, 9090, 40_001];
const MiB = 1024 ** 2;
const median = (list) => percentile(list, 0.5);
const print = (name, text) => process.stdout.write(`${name.padEnd(22)} ${text}\n`);
const since = (start) => performance.now() - start;
const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / MiB;
};

const empty = rss();
const { files, pods, edit, random } = bigCluster({
  policies: Number(values.policies),
  pods: Number(values.pods),
  namespaces: Number(values.namespaces),
});
const given = rss();

const start = performance.now();
const engine = createEngine({ profile });
const parsed = files.flatMap((text, i) => parseManifests(text, `team-${i}.yaml`).policies);
const readMs = since(start);
const keyOf = ({ kind, namespace, name }) => `${kind}/${namespace}/${name}`;
for (const policy of parsed) engine.setPolicies(keyOf(policy), [policy]);
const ids = Uint32Array.from(pods, (pod) => engine.intern(pod));
engine.decideInterned(ids[0], ids[1], "TCP", 80);
const loadMs = since(start);
const loaded = rss();

const any = (list) => list[Math.floor(random() * list.length)];
const ask = (n) => ({
  from: Uint32Array.from({ length: n }, () => Math.floor(random() * ids.length)),
  to: Uint32Array.from({ length: n }, () => Math.floor(random() * ids.length)),
  port: Uint32Array.from({ length: n }, () => any(PORTS)),
});

/** One answer after the other, with the time of each. */
function timed({ from, to, port }) {
  const times = [];
  let denied = 0;
  for (let i = 0; i < from.length; i++) {
    const begin = performance.now();
    const { allowed } = engine.decideInterned(ids[from[i]], ids[to[i]], "TCP", port[i]);
    times.push(since(begin));
    if (!allowed) denied++;
  }
  return { times, denied };
}

/** Answers per second over one second or more; `timeOf` gives the moment to judge by. */
function rate({ from, to, port }, timeOf) {
  const ends = [from, to].map((list) => list.map((i) => ids[i]));
  const begin = performance.now();
  let asked = 0;
  let denied = 0;
  do {
    for (let i = 0; i < port.length; i++)
      if (!engine.decideInterned(ends[0][i], ends[1][i], "TCP", port[i], timeOf?.(i)).allowed)
        denied++;
    asked += port.length;
  } while (since(begin) < 1000);
  return asked / (since(begin) / 1000) / (denied < 0 ? 0 : 1);
}

const before = engine.stats().misses;
const cold = timed(ask(20_000));
const coldMisses = engine.stats().misses - before;
const questions = ask(QUESTIONS);
timed(questions);
const warm = rss();
const rates = Array.from({ length: ROUNDS }, () => rate(questions));

/** Milliseconds of each explanation of a denial. */
function explanations(n) {
  const times = [];
  while (times.length < n) {
    const connection = { from: any(pods), to: any(pods), protocol: "TCP", port: any(PORTS) };
    const decision = engine.decide(connection);
    if (decision.allowed) continue;
    const begin = performance.now();
    explainDecision(connection, decision, engine.selecting(connection), {
      profile,
      cidrGroups: [],
      services: [],
    });
    times.push(since(begin));
  }
  return times;
}
explanations(500);
const explained = explanations(3000);

const changes = [];
const recomputed = [];
for (let i = 0; i < 200; i++) {
  const policy = edit(any(parsed));
  const begin = performance.now();
  engine.setPolicies(keyOf(policy), [policy], 1000 + i);
  changes.push(since(begin));
  if (i % 10 !== 0) continue;
  timed(questions);
  const misses = engine.stats().misses;
  const one = edit(any(parsed));
  engine.setPolicies(keyOf(one), [one], 1000 + i + 0.5);
  timed(questions);
  recomputed.push(engine.stats().misses - misses);
}
timed(questions);
const moments = Array.from({ length: 64 }, () => 1000 + Math.floor(random() * 200));
const momentOf = (i) => moments[i & 63];
rate(questions, momentOf);
const past = Array.from({ length: ROUNDS }, () => rate(questions, momentOf));

const ms = (value) => `${value.toFixed(value < 1 ? 3 : 1)} ms`;
const spread = (times) =>
  `median ${ms(median(times))}, p99 ${ms(percentile(times, 0.99))}, max ${ms(Math.max(...times))}`;
const millions = (list) =>
  `${(median(list) / 1e6).toFixed(2)} million/s (${list.map((one) => (one / 1e6).toFixed(2)).join(" ")})`;
const stats = engine.stats();
print("size", `${parsed.length} policies, ${pods.length} pods, ${values.namespaces} namespaces`);
print("load", `${ms(loadMs)}, of which ${ms(readMs)} to read the YAML`);
print(
  "memory, RSS",
  `${warm.toFixed(0)} MiB; ${loaded.toFixed(0)} before the first questions, ${given.toFixed(0)} before loading (texts and pods as given), ${empty.toFixed(0)} empty`,
);
print(
  "cold decision",
  `${spread(cold.times)} (${coldMisses} of ${cold.times.length} not known; ${((100 * cold.denied) / cold.times.length).toFixed(0)} % denied)`,
);
print("cached decisions", millions(rates));
print("at a past moment", millions(past));
print("one policy change", spread(changes));
print(
  "… answers anew",
  `median ${median(recomputed)}, most ${Math.max(...recomputed)} of ${QUESTIONS} known ones`,
);
print("explain a denial", spread(explained));
print(
  "engine",
  `${stats.endpoints} ends, ${stats.labelSets} label sets, ${stats.classes} classes, ${stats.ruleTables} rule tables, ${stats.states} states, ${stats.decisions} different answers`,
);
