// Point queries: the table of the upstream tests, and maps of all pairs of pods.
import {
  addressEndpoint,
  connectionText,
  createJudge,
  createWorld,
  decide,
  EVERYTHING,
  includes,
  mergeManifests,
  parseManifests,
  PROFILES,
} from "@dropscope/policy";

const profile = { ...PROFILES.kubernetes, cidrMatchesPods: false };

/** Verdicts of `eval-table.json`: each query at its port, and everything that is allowed. */
export function runEvalTable({ namespaces, pods, policies, queries }, report) {
  for (const { name, policies: named, src, dst, protocol, port, ...expected } of queries) {
    const manifests = parseObjects([
      ...Object.entries(namespaces).map(([namespace, labels]) => ({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace, labels },
      })),
      ...pods.map(podObject),
      ...named.map((policy) => policies[policy]),
    ]);
    const world = createWorld(manifests, profile, { hostNetworkPods: "pods" });
    const [from, to] = [endOf(world, src), endOf(world, dst)];
    const title = `eval-table ${name}: ${src} → ${dst}`;
    const connection = { from, to, protocol, port: Number(port) };
    const { allowed } = decide(connection, manifests.policies, world.context);
    report.check(`${title} ${protocol} ${port}`, expected.allowed, allowed || from === to);
    if (expected.allConnections === undefined) continue;
    const judge = createJudge(manifests.policies, world.context);
    report.check(title, expected.allConnections, connectionText(judge.between(from, to)));
  }
}

/** `src: ns/pod, dest: ns/pod, allowed conns: X` for every ordered pair. */
export function runEvalMap({ text, name }, manifests, { query = "" }, report) {
  // Upstream leaves protocol and port open here, which is no question that has an answer.
  if (query.includes("unset")) return;
  const world = createWorld(manifests, profile, { hostNetworkPods: "pods" });
  const judge = createJudge(manifests.policies, world.context);
  const point = /^bool (TCP|UDP|SCTP) (\d+)$/.exec(query);
  for (const line of text.split("\n")) {
    const found = /^src: (\S+), dest: (\S+), allowed conns: (.*)$/.exec(line);
    if (found === null) continue;
    const [, src, dst, expected] = found;
    const [from, to] = [endOf(world, src), endOf(world, dst)];
    report.check(`${name}: ${src} → ${dst}`, expected, answer(judge, from, to, point));
  }
}

/** A pod may always talk to itself. */
function answer(judge, from, to, point) {
  const set = from === to ? EVERYTHING : judge.between(from, to);
  return point === null ? connectionText(set) : String(includes(set, point[1], Number(point[2])));
}

function parseObjects(items) {
  return mergeManifests([
    parseManifests(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "eval-table"),
  ]);
}

function podObject({ namespace, name, labels, podIP, ports }) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: "main", ports }] },
    status: { podIP, podIPs: [{ ip: podIP }] },
  };
}

function endOf(world, ref) {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(ref)) return addressEndpoint({ address: ref });
  const end = world.endpoint(ref);
  if (end === undefined) throw new Error(`there is no pod ${ref}`);
  return end;
}
