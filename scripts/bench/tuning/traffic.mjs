// A week of a cluster that talks all the time, made in the engine: what a row says follows from its number.
import { newBatchId } from "@dropscope/store";

export const NAMESPACES = 40;
/** In each namespace, with three pods each. */
export const WORKLOADS = 50;
const ALL = NAMESPACES * WORKLOADS;
/** Connections of each workload to others, beside lookups of names and calls to the outside. */
const CALLS = 5;
export const DAYS = 7;
const PORTS = [8080, 5432, 9090, 443];
const CHUNK = 1_000_000;

export const namespaceOf = (workload) => `team-${Math.floor(workload / WORKLOADS)}`;
export const appOf = (workload) => `app-${workload % WORKLOADS}`;
export const portOf = (server) => PORTS[server % PORTS.length];
/** Whom a workload calls: neighbours, and for the last two calls anybody. */
export const serverOf = (client, call) =>
  call < 3
    ? Math.floor(client / WORKLOADS) * WORKLOADS + ((client * 7 + call * 13 + 1) % WORKLOADS)
    : (client * 31 + call * 977 + 5) % ALL;

const NAMESPACE_LABELS = "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name";

/** Label sets of all pods, of the resolver and of the world; the key of a workload is its number and 1000. */
const LABELS = `SELECT 1000 + number AS key, 'bench' AS cluster, toUInt32(1000 + number) AS identity,
    [concat('k8s:app=app-', toString(number % ${WORKLOADS})), concat('k8s:io.kubernetes.pod.namespace=', ns),
     concat('${NAMESPACE_LABELS}=', ns), 'k8s:io.cilium.k8s.policy.cluster=bench'] AS labels, now64(3) AS seen_at, 1 AS batch
  FROM (SELECT number, concat('team-', toString(intDiv(number, ${WORKLOADS}))) AS ns FROM numbers(${ALL}))`;

export async function makeTraffic(client, flows, until) {
  const since = until - DAYS * 86_400_000;
  await client.command(
    `INSERT INTO identities (key, cluster, identity, labels, seen_at, batch) ${LABELS}`,
    {},
  );
  await client.command(
    `INSERT INTO identities (key, cluster, identity, labels, seen_at, batch) VALUES
     (1, 'bench', 100, ['k8s:k8s-app=kube-dns','k8s:io.kubernetes.pod.namespace=kube-system','${NAMESPACE_LABELS}=kube-system','k8s:io.cilium.k8s.policy.cluster=bench'], now64(3), 1),
     (2, '', 2, ['reserved:world'], now64(3), 1)`,
    {},
  );
  const id = newBatchId(Date.now());
  for (let from = 0; from < flows; from += CHUNK) {
    const rows = Math.min(CHUNK, flows - from);
    await client.command(insertSql({ from, rows, flows, since, until, id }), {});
  }
  await client.command(
    `INSERT INTO batches (batch, writer, flows, bytes, min_time, max_time, sealed_at)
     SELECT ${id}, 'bench', ${flows}, 1, min(time), max(time), now64(3) FROM flows`,
    {},
  );
  return { since, until };
}

/** Bits of `present`: time, uuid, ip, l4, TCP flags, source, destination, event type. */
const PRESENT =
  (1 << 0) | (1 << 1) | (1 << 3) | (1 << 5) | (1 << 6) | (1 << 7) | (1 << 8) | (1 << 10);

function insertSql({ from, rows, flows, since, until, id }) {
  const length = (until - since) / flows;
  const pod = (workload, which) =>
    `concat('app-', toString(${workload} % ${WORKLOADS}), '-7d9f8b6c5-', ['x2k4p', 'z8v5t', 'q9w8r'][${which} + 1])`;
  const ip = (workload, which) =>
    `toIPv6(concat('::ffff:10.', toString(intDiv(${workload}, 250)), '.', toString(${workload} % 250), '.', toString(${which} + 1)))`;
  const outsideIp = "toIPv6(concat('::ffff:203.0.113.', toString(client % 250)))";
  // One of ten looks a name up, one of fifty calls outside.
  const ends = `SELECT number AS n, cityHash64(number) AS dice, toUInt32(dice % ${ALL}) AS client,
      toUInt32(intDiv(dice, 65536) % ${CALLS}) AS call, toUInt8(intDiv(dice, 16777216) % 3) AS cp, toUInt8(intDiv(dice, 33554432) % 3) AS sp,
      multiIf(intDiv(dice, 4294967296) % 50 = 0, 'out', intDiv(dice, 4294967296) % 10 = 1, 'dns', 'pod') AS what,
      if(call < 3, intDiv(client, ${WORKLOADS}) * ${WORKLOADS} + (client * 7 + call * 13 + 1) % ${WORKLOADS}, (client * 31 + call * 977 + 5) % ${ALL}) AS server,
      n % 3 = 0 AS answer
    FROM numbers(${from}, ${rows})`;
  const client = {
    ip: ip("client", "cp"),
    pod: pod("client", "cp"),
    namespace: `concat('team-', toString(intDiv(client, ${WORKLOADS})))`,
    labels: "toUInt64(1000 + client)",
    identity: "toUInt32(1000 + client)",
    port: "toUInt16(40000 + n % 20000)",
    names: "CAST([], 'Array(LowCardinality(String))')",
  };
  const of = (dns, out, podSql) => `multiIf(what = 'dns', ${dns}, what = 'out', ${out}, ${podSql})`;
  const server = {
    ip: of("toIPv6('::ffff:10.250.0.10')", outsideIp, ip("server", "sp")),
    pod: of("'coredns-6b8c9d7f4-x2k4p'", "''", pod("server", "sp")),
    namespace: of("'kube-system'", "''", `concat('team-', toString(intDiv(server, ${WORKLOADS})))`),
    labels: of("toUInt64(1)", "toUInt64(2)", "toUInt64(1000 + server)"),
    identity: of("toUInt32(100)", "toUInt32(2)", "toUInt32(1000 + server)"),
    port: of(
      "toUInt16(53)",
      "toUInt16(443)",
      `toUInt16([${PORTS.join(", ")}][server % ${PORTS.length} + 1])`,
    ),
    names: `if(what = 'out', [concat('api-', toString(client % 250), '.example.com')], CAST([], 'Array(LowCardinality(String))'))`,
  };
  const sides = ["ip", "pod", "namespace", "labels", "identity", "port", "names"].flatMap(
    (name) => [
      `if(answer, ${server[name]}, ${client[name]}) AS src_${name}`,
      `if(answer, ${client[name]}, ${server[name]}) AS dst_${name}`,
    ],
  );
  const columns = ["ip", "pod", "namespace", "labels", "identity", "port", "names"].flatMap(
    (name) => [`src_${name}`, `dst_${name}`],
  );
  return `INSERT INTO flows (time, batch, stored_on, uuid, present, flow_count, node, verdict, event_type, direction, reply, protocol, tcp_flags, src_cluster, dst_cluster, ${columns.join(", ")})
    SELECT fromUnixTimestamp64Nano(toInt64((${since} + n * ${length}) * 1000000), 'UTC') AS time, ${id}, today(), generateUUIDv4(n), ${PRESENT}, 1,
      concat('node-', toString(client % 20)), 1, 4, if(n % 2 = 0, 1, 2), if(answer, 'yes', 'no'), if(what = 'dns', 'UDP', 'TCP'),
      multiIf(what = 'dns', 0, answer, 18, 2), if(what = 'out' AND answer, '', 'bench'), if(what = 'out' AND NOT answer, '', 'bench'), ${sides.join(", ")}
    FROM (${ends})`;
}

/** One policy for each of the first workloads: it lets in and out what the workload does, but for one of its calls. */
export function policiesYaml(count) {
  return Array.from({ length: count }, (_, at) => policyYaml((at * 7919) % ALL)).join("---\n");
}

export function policyYaml(workload, port = portOf(workload)) {
  const calls = [0, 1, 3, 4].map((call) => serverOf(workload, call));
  const peer = (server) =>
    `{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${namespaceOf(server)} } }, podSelector: { matchLabels: { app: ${appOf(server)} } } }`;
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${appOf(workload)}, namespace: ${namespaceOf(workload)} }
spec:
  podSelector: { matchLabels: { app: ${appOf(workload)} } }
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{ port: ${port} }]
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }]
      ports: [{ protocol: UDP, port: 53 }]
${calls.map((server) => `    - to: [${peer(server)}]\n      ports: [{ port: ${portOf(server)} }]\n`).join("")}`;
}
