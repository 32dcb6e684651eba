// Folding drops into problems without a store: `node --expose-gc fold.mjs one|memory`.
//   one     packets of one incident, from many pods of one workload
//   memory  edges that are all different, from hostile names to ordinary ones
import {
  catalogOfManifests,
  createDnsWatch,
  createExplainer,
  createProblemBook,
} from "@dropscope/correlator";
import { parseManifests, PROFILES } from "@dropscope/policy";

const profile = PROFILES.cilium;
const clock = { now: () => Date.UTC(2026, 5, 1, 1) };
const POLICY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: team }
spec: { podSelector: {}, policyTypes: [Egress] }
`;
const history = catalogOfManifests(parseManifests(POLICY, "p.yaml"), profile);
const still = { objects: 0, pods: 0 };
const line = (name, text) => process.stdout.write(`${name.padEnd(34)} ${text}\n`);
const MiB = 1024 ** 2;
const memory = () => {
  globalThis.gc();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: rss / MiB, heap: heapUsed / MiB };
};
const thousands = (count) => count.toLocaleString("en-US");

const pod = (namespace, workload, index) => ({
  identity: 1000,
  namespace,
  pod_name: `${workload}-6d4f5b7c9f-${String(index).padStart(5, "b")}`,
  labels: [`k8s:app=${workload}`, `k8s:io.kubernetes.pod.namespace=${namespace}`],
  workloads: [{ name: workload, kind: "Deployment" }],
});

function drop(number, { source, destination, port, ip }) {
  return {
    time: new Date(clock.now() + number).toISOString(),
    uuid: `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`,
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 5 },
    traffic_direction: "EGRESS",
    node_name: `node-${number % 50}`,
    IP: { source: "10.0.0.1", destination: ip },
    l4: { TCP: { source_port: 40_000, destination_port: port } },
    source,
    destination,
  };
}

/**
 * Explains and folds, as the loop does it: batch by batch, saved in between.
 * @param every of how many drops one is explained; the others are told the same of themselves
 */
function createFolder(every = 1) {
  const book = createProblemBook({ clock });
  const explainer = createExplainer({ history, profile, revisions: () => still });
  const dns = createDnsWatch({ clock, policies: { history, profile, revisions: () => still } });
  let number = 0;
  let told;
  return {
    book,
    dns,
    fold(ends) {
      const flow = drop(number, ends);
      if (number % every === 0) told = explainer.explain(flow);
      const explanation = every === 1 ? told : { ...told, uuid: flow.uuid, time: flow.time };
      dns.see(flow, explanation);
      const timeNs = BigInt(clock.now() + number) * 1_000_000n;
      const folding = {
        flow,
        uuid: flow.uuid,
        timeNs,
        landedAt: clock.now() + number,
        explanation,
      };
      // What left the memory would be asked of the store; here nothing is stored.
      const { problem } = book.fold(folding);
      if (++number % 5000 === 0) {
        book.saved(book.changed(0));
        dns.drain();
      }
      return problem;
    },
  };
}

const per = (count, ms) => `${thousands(Math.round(count / (ms / 1000)))}/s`;

function one() {
  const folder = createFolder();
  const database = pod("team", "db", 0);
  const count = 100_000;
  const begin = performance.now();
  const problems = new Set();
  for (let i = 0; i < count; i++)
    problems.add(
      folder.fold({
        source: pod("team", "checkout", i % 300),
        destination: database,
        port: 5432,
        ip: "10.0.0.9",
      }),
    );
  const [record] = [...folder.book.records()];
  line(
    "one incident",
    `${thousands(count)} drops are ${problems.size} problem(s), ${per(count, performance.now() - begin)}; ${record.pods.count} pods, ${record.nodes.count} nodes`,
  );
  if (problems.size !== 1) process.exitCode = 1;
}

function many() {
  const count = Number(process.env.BENCH_EDGES ?? 1_000_000);
  const folder = createFolder(10);
  const { book, dns } = folder;
  const before = memory();
  const begin = performance.now();
  let half;
  for (let i = 0; i < count; i++) {
    const source = pod("team", `job-${i % 997}`, i % 100_000);
    // In turn another workload, an address outside, and another port.
    const ends =
      i % 3 === 0
        ? { source, destination: pod(`ns-${i % 5003}`, `app-${i}`, 0), port: 80, ip: "10.0.0.9" }
        : i % 3 === 1
          ? {
              source,
              destination: { identity: 2, labels: ["reserved:world"] },
              port: 443,
              ip: `${20 + (i >> 20)}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
            }
          : {
              source,
              destination: pod("team", `db-${i % 4001}`, 0),
              port: 1 + (i % 65_000),
              ip: "10.0.0.8",
            };
    folder.fold(ends);
    if (i === count >> 1) half = memory();
  }
  const ms = performance.now() - begin;
  const after = memory();
  const size = book.size();
  line("memory, edges", `${thousands(count)} different ones, ${per(count, ms)}`);
  line(
    "memory, RSS",
    `${before.rss.toFixed(0)} MiB before, ${half.rss.toFixed(0)} after half, ${after.rss.toFixed(0)} after all`,
  );
  line(
    "memory, heap",
    `${before.heap.toFixed(0)} MiB before, ${half.heap.toFixed(0)} after half, ${after.heap.toFixed(0)} after all`,
  );
  line(
    "memory, held",
    `${thousands(size.problems)} problems known, ${thousands(size.records)} in memory, ${thousands(size.flows)} flows, ${thousands(dns.stats().clients)} clients of DNS`,
  );
  // The second half adds nothing but what the bounds allow.
  if (after.heap > half.heap * 1.2 + 20) {
    line("memory", "MISSED: it still grows after half of the edges");
    process.exitCode = 1;
  }
}

if (process.argv[2] === "one") one();
else many();
