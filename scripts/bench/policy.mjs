// Decisions by index at the size of a large cluster, in a process of its own:
//   node --expose-gc scripts/bench/policy.mjs [--policies N] [--pods N] [--namespaces N] [--profile P] [--rounds N]
// Load: policies in normal form and endpoints given, into an empty engine, up to the first answer.
// Cold: connections whose two ends nobody asked about before. Cached: 2^17 connections asked again and again.
// Change: a policy replaced, and the first answer by the new version. Medians over the rounds unless said.
import { parseArgs } from "node:util";
import { createEngine, PROFILES } from "@dropscope/policy";
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
const MiB = 1024 ** 2;
const median = (list) => percentile(list, 0.5);
const print = (name, text) => process.stdout.write(`${name.padEnd(28)} ${text}\n`);
const rss = () => {
  globalThis.gc?.();
  return process.memoryUsage().rss / MiB;
};
const since = (start) => performance.now() - start;

const before = rss();
const { policies, pods, edit, random } = bigCluster({
  policies: Number(values.policies),
  pods: Number(values.pods),
  namespaces: Number(values.namespaces),
});
const given = rss();

const start = performance.now();
const engine = createEngine({ profile });
for (const policy of policies) engine.setPolicies(`${policy.namespace}/${policy.name}`, [policy]);
const policiesMs = since(start);
const ids = Uint32Array.from(pods, (pod) => engine.intern(pod));
engine.decideInterned(ids[0], ids[1], "TCP", 80);
const loadMs = since(start);
const loaded = rss();

const pick = () => ids[Math.floor(random() * ids.length)];
const PORTS = [80, 443, 5432, 8080, 9090, 40_001];
const ask = (n) => {
  const from = new Uint32Array(n);
  const to = new Uint32Array(n);
  const port = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    from[i] = pick();
    to[i] = pick();
    port[i] = PORTS[Math.floor(random() * PORTS.length)];
  }
  return { from, to, port, n };
};

function cold(n) {
  const { from, to, port } = ask(n);
  const times = [];
  let denied = 0;
  const missesBefore = engine.stats().misses;
  for (let i = 0; i < n; i++) {
    const begin = performance.now();
    const { allowed } = engine.decideInterned(from[i], to[i], "TCP", port[i]);
    times.push(since(begin));
    if (!allowed) denied++;
  }
  return { times, denied, misses: engine.stats().misses - missesBefore };
}

function cached(questions, seconds) {
  const { from, to, port, n } = questions;
  const begin = performance.now();
  let asked = 0;
  let denied = 0;
  while (since(begin) < seconds * 1000) {
    for (let i = 0; i < n; i++)
      if (!engine.decideInterned(from[i], to[i], "TCP", port[i]).allowed) denied++;
    asked += n;
  }
  return { rate: asked / (since(begin) / 1000), denied: denied / asked };
}

const first = cold(20_000);
const questions = ask(2 ** 17);
for (let i = 0; i < questions.n; i++)
  engine.decideInterned(questions.from[i], questions.to[i], "TCP", questions.port[i]);
const warm = rss();
const rates = Array.from({ length: ROUNDS }, () => cached(questions, 1));

const changes = [];
const answers = [];
for (let i = 0; i < 200; i++) {
  const policy = edit(policies[Math.floor(random() * policies.length)], i);
  const begin = performance.now();
  engine.setPolicies(`${policy.namespace}/${policy.name}`, [policy]);
  changes.push(since(begin));
  const asked = performance.now();
  engine.decideInterned(pick(), pick(), "TCP", 80);
  answers.push(since(asked));
}
const after = cached(questions, 1);

const ms = (value) => `${value.toFixed(value < 1 ? 3 : 1)} ms`;
const times = first.times;
const stats = engine.stats();
print("size", `${policies.length} policies, ${pods.length} pods, ${values.namespaces} namespaces`);
print("load", `${ms(loadMs)} (policies ${ms(policiesMs)})`);
print(
  "memory, RSS",
  `${warm.toFixed(0)} MiB with all answers kept; ${loaded.toFixed(0)} loaded, of which ${(given - before).toFixed(0)} the objects themselves, ${before.toFixed(0)} an empty process`,
);
print(
  "cold decision",
  `median ${ms(median(times))}, p99 ${ms(percentile(times, 0.99))}, max ${ms(Math.max(...times))} (${first.misses} of ${times.length} had no answer kept; ${((100 * first.denied) / times.length).toFixed(0)} % denied)`,
);
print(
  "cached decisions",
  `${(median(rates.map(({ rate }) => rate)) / 1e6).toFixed(2)} million/s (${rates.map(({ rate }) => (rate / 1e6).toFixed(2)).join(" ")})`,
);
print(
  "one policy change",
  `median ${ms(median(changes))}, p99 ${ms(percentile(changes, 0.99))}, max ${ms(Math.max(...changes))}; next answer median ${ms(median(answers))}, max ${ms(Math.max(...answers))}`,
);
print("cached, after the changes", `${(after.rate / 1e6).toFixed(2)} million/s`);
print(
  "engine",
  `${stats.endpoints} endpoints, ${stats.labelSets} label sets, ${stats.classes} classes, ${stats.ruleTables} rule tables, ${stats.states} states, ${stats.decisions} different answers`,
);
