// A week of flows: what the intents make, and what surrounds it.
import { outside, podEnd } from "../cluster.mjs";
import { createRecorder } from "../flows.mjs";

const HOUR = 3600;
export const DAYS = 7;
const SPAN = DAYS * 24;

/**
 * @param share of all hours, in which an ordinary intent is seen
 * @returns flows, and the ids of those that intents made and of those that scan
 */
export function createTraffic(random, { cluster, intents, pods, share }) {
  const recorder = createRecorder(random);
  const scans = new Set();
  const legitimate = new Set();
  const talk = (from, to, more, replied = true) => {
    const socket = random.between(33_000, 60_000);
    const packet = { from, to, socket, ...more };
    const ids = [
      ...recorder.passed({ ...packet, direction: "egress" }),
      ...recorder.passed({ ...packet, direction: "ingress" }),
    ];
    if (replied)
      ids.push(
        ...recorder.traced({
          ...packet,
          from: to,
          to: from,
          socket: packet.port,
          port: socket,
          at: packet.at + 0.01,
          reply: true,
          direction: "ingress",
          flags: { SYN: true, ACK: true },
        }),
      );
    return ids;
  };
  for (const intent of intents)
    for (const hour of hoursOf(random, intent.pattern, share))
      for (const at of timesIn(random, hour))
        for (const id of talk(random.pick(intent.from.ends), random.pick(intent.to.ends), {
          protocol: intent.protocol,
          port: intent.port,
          at,
        }))
          legitimate.add(id);
  const context = { random, recorder, cluster, pods, talk, scans };
  noise(context);
  for (const scan of random.some([portScan, sweep, nightly, compromised, fromOutside], 0.5))
    scan(context);
  return { flows: recorder.flows, scans, legitimate };
}

/** Each edge is seen in every pod pair now and then; how often is up to it. */
function hoursOf(random, pattern, share) {
  if (pattern === "never") return [];
  if (pattern === "cron") {
    const hour = random.between(0, 23);
    return Array.from({ length: DAYS }, (_, day) => day * 24 + hour);
  }
  return Array.from({ length: SPAN }, (_, hour) => hour).filter(() => random.chance(share));
}

const timesIn = (random, hour) =>
  Array.from({ length: random.between(1, 2) }, () => hour * HOUR + random.between(0, HOUR - 1));

const timeIn = (random, hour) => hour * HOUR + random.between(0, HOUR - 1);

/** What nobody needs and nobody means: typos, denials, errors, what is told to all, somebody's look around. */
function noise({ random, recorder, cluster, pods, talk }) {
  const { workloads } = cluster;
  const some = () => random.pick(pods.get(random.pick(workloads)).ends);
  for (let i = 0; i < 6; i++) {
    const [from, to] = [some(), some()];
    if (from.ip === to.ip) continue;
    const hour = random.below(SPAN);
    // Nobody listens there.
    talk(from, to, { port: random.between(10_000, 20_000), at: timeIn(random, hour) }, false);
  }
  for (let i = 0; i < 4; i++) {
    const [from, to] = [some(), some()];
    if (from.ip === to.ip) continue;
    const packet = {
      from,
      to,
      port: random.pick([22, 2379, 10250]),
      at: timeIn(random, random.below(SPAN)),
    };
    recorder.passed({ ...packet, direction: "egress" });
    recorder.denied({ ...packet, reason: "POLICY_DENIED", direction: "ingress" });
  }
  for (const workload of random.some(workloads, 0.3))
    recorder.passed({
      from: podEnd(cluster, workload),
      to: outside("224.0.0.251"),
      protocol: "UDP",
      port: 5353,
      at: timeIn(random, random.below(SPAN)),
    });
  const debug = { ...workloads[0], app: "debug", index: 77, labels: { run: "debug" }, pods: [] };
  const end = podEnd(cluster, debug, { name: "debug", ip: "10.9.77.10", node: "node-a", id: 770 });
  const bare = { ...end, endpoint: (local) => withoutWorkload(end.endpoint(local)) };
  const at = timeIn(random, random.below(SPAN));
  const target = random.pick(workloads);
  talk(bare, podEnd(cluster, target), { port: target.ports[0].port, at });
}

function withoutWorkload(end) {
  const { workloads, ...rest } = end;
  return workloads === undefined ? end : rest;
}

function knock({ random, recorder, talk, scans }, from, to, port, at) {
  // A closed port answers with RST, an open one opens; some say nothing.
  for (const id of talk(from, to, { port, at }, random.chance(0.6))) scans.add(id);
  void recorder;
}

/** One pod after the other, on many ports, within an hour. */
function portScan(context) {
  const { random, cluster, pods } = context;
  const start = timeIn(random, random.between(1, SPAN - 2));
  const from = podEnd(cluster, cluster.scanner);
  for (const target of random.shuffle(cluster.workloads).slice(0, 4))
    for (const port of [21, 22, 23, 25, 80, 443, 3306, 5432, 6379, 8080, 9200, 27_017])
      knock(context, from, pods.get(target).ends[0], port, start + random.between(0, 600));
}

/** The same port on everybody. */
function sweep(context) {
  const { random, cluster, pods } = context;
  const start = timeIn(random, random.between(1, SPAN - 2));
  const from = podEnd(cluster, cluster.scanner);
  for (const target of cluster.workloads)
    for (const end of pods.get(target).ends)
      for (const port of [2375, 10_250, 445, 5985])
        knock(context, from, end, port, start + random.between(0, 600));
}

/** An inventory that looks around every night. */
function nightly(context) {
  const { random, cluster, pods } = context;
  const from = podEnd(cluster, cluster.scanner);
  for (let day = 0; day < DAYS; day++)
    for (const target of cluster.workloads)
      for (const port of [22, 80, 443, 3389, 8000, 8081])
        knock(
          context,
          from,
          pods.get(target).ends[0],
          port,
          day * 24 * HOUR + 3 * HOUR + random.between(0, 900),
        );
}

/** A workload that somebody broke into: besides its own work it tries doors for an hour. */
function compromised(context) {
  const { random, cluster, pods } = context;
  const victim = random.pick(cluster.workloads);
  const start = timeIn(random, random.between(1, SPAN - 2));
  for (const target of random
    .shuffle(cluster.workloads.filter((one) => one !== victim))
    .slice(0, 5))
    for (const port of [22, 135, 445, 1433, 2379, 6443, 8500, 11_211])
      knock(
        context,
        pods.get(victim).ends[0],
        pods.get(target).ends[0],
        port,
        start + random.between(0, 600),
      );
}

/** Somebody of the internet, at a pod that may be reached from there. */
function fromOutside(context) {
  const { random, cluster, pods } = context;
  const start = timeIn(random, random.between(1, SPAN - 2));
  const target = random.pick(cluster.workloads);
  for (const port of [21, 22, 23, 80, 110, 445, 1433, 3389, 5900, 8080])
    knock(
      context,
      outside("192.0.2.200"),
      pods.get(target).ends[0],
      port,
      start + random.between(0, 300),
    );
}
