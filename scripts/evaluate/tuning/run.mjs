// Makes worlds whose intents are known, observes a week of them twice, and judges what is proposed.
import { catalogObjects } from "@dropscope/correlator";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { clusterOfObjects, foldFlows, inferObjects, suggest } from "@dropscope/tuning";
import { clusterManifests, outside } from "../cluster.mjs";
import { createRandom } from "../random.mjs";
import { createIntents, createTuningCluster } from "./cluster.mjs";
import { allowedBy, tripleOfFlow, truthOf } from "./judge.mjs";
import { createTraffic } from "./traffic.mjs";

/** How much more than the smallest policies a proposal may allow. */
export const MOST_MORE = 1.05;

/**
 * @param seed same seed, same worlds
 * @param worlds how many
 * @param share of all hours, in which an ordinary connection is seen: flows are what takes time
 * @param propose how the product is asked, for tests of the evaluation itself
 */
export function evaluateTuning({ seed, worlds, only, share = 0.3, propose = suggest }) {
  const rows = [];
  for (let at = 0; at < worlds; at++) {
    const name = `world ${at}`;
    if (only !== undefined && name !== only) continue;
    rows.push({ name, ...judgeWorld(`${seed} ${name}`, share, propose) });
  }
  return rows;
}

export const isGood = ({ denied, ratio, scanned, stable }) =>
  denied.length === 0 && ratio <= MOST_MORE && scanned.length === 0 && stable;

function judgeWorld(seed, share, propose) {
  const random = createRandom(seed);
  const cluster = createTuningCluster(random);
  const hidden = createIntents(random, cluster);
  const told = random.chance(0.5);
  const observe = (name) =>
    createTraffic(createRandom(`${seed} ${name}`), { cluster, share, ...hidden });
  const ask = ({ flows }) => {
    const traffic = foldFlows(flows);
    const known = told ? manifestObjects(cluster) : [];
    const objects = [...known, ...inferObjects(traffic.edges, known)];
    const at = Number(traffic.untilNs / 1_000_000n);
    const tuning = clusterOfObjects(objects, { at, profile: PROFILES.cilium });
    return { tuning, answer: propose(traffic, tuning, { namespaces: cluster.spaces }) };
  };
  const [first, second] = [observe("first"), observe("second")];
  const { tuning, answer } = ask(first);
  const truth = truthOf(hidden.intents, cluster.spaces);
  const triples = (ids) =>
    new Set(
      first.flows.filter(({ uuid }) => ids.has(uuid)).flatMap((flow) => tripleOfFlow(flow) ?? []),
    );
  const ends = [
    ...cluster.all().flatMap((one) => hidden.pods.get(one).ends),
    ...hidden.intents.flatMap(({ from, to }) =>
      [from, to].flatMap((end) => (end.workload ? [] : end.ends)),
    ),
    outside("192.0.2.200"),
    outside("203.0.113.99"),
  ];
  const unique = [...new Map(ends.map((end) => [end.ip, end])).values()];
  const doors = doorsOf(first.flows);
  const allowed = allowedBy(answer.yaml, {
    ends: unique,
    spaces: cluster.spaces,
    doors,
    cluster: tuning,
  });
  const seen = [...triples(first.legitimate)].filter((one) => truth.has(one));
  return {
    told,
    kind: answer.policies[0]?.policy.kind,
    denied: seen.filter((one) => !allowed.has(one)),
    more: [...allowed].filter((one) => !truth.has(one)),
    ratio: truth.size === 0 ? 1 : allowed.size / truth.size,
    scanned: [...triples(first.scans)].filter((one) => allowed.has(one) && !truth.has(one)),
    stable: answer.yaml === ask(second).answer.yaml,
    answer,
  };
}

function manifestObjects(cluster) {
  const list = { apiVersion: "v1", kind: "List", items: clusterManifests(cluster) };
  return catalogObjects(mergeManifests([parseManifests(JSON.stringify(list), "cluster.json")]));
}

/** Every protocol and port that anybody tried. */
function doorsOf(flows) {
  const doors = new Map();
  for (const flow of flows) {
    if (flow.is_reply === true) continue;
    const [protocol] = Object.keys(flow.l4);
    const port = flow.l4[protocol].destination_port;
    if (port !== undefined) doors.set(`${protocol} ${port}`, [protocol, port]);
  }
  doors.set("TCP 53", ["TCP", 53]);
  return [...doors.values()];
}
