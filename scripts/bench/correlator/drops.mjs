// Denied packets of a large cluster: which connections its policies deny, told as Hubble tells them.
import { createHash } from "node:crypto";
import { createEngine, isDenial, parseManifests, PROFILES } from "@dropscope/policy";
import { bigCluster } from "../policy-cluster.mjs";

const PORTS = [80, 443, 5432, 6379, 8080, 9090];
const NODES = 50;

/** @returns the policies' files, and so many different connections that they deny */
export function deniedConnections({ policies, pods, namespaces, connections }) {
  const cluster = bigCluster({ policies, pods, namespaces });
  const engine = createEngine({ profile: PROFILES.cilium });
  for (const [i, text] of cluster.files.entries())
    for (const policy of parseManifests(text, `team-${i}.yaml`).policies)
      engine.setPolicies(`${policy.kind}/${policy.namespace}/${policy.name}`, [policy]);
  const any = (list) => list[Math.floor(cluster.random() * list.length)];
  const found = [];
  while (found.length < connections) {
    const connection = {
      from: any(cluster.pods),
      to: any(cluster.pods),
      protocol: "TCP",
      port: any(PORTS),
    };
    const { egress, ingress } = engine.decide(connection);
    const side = isDenial(egress.outcome) ? egress : ingress;
    if (!isDenial(side.outcome)) continue;
    const byRule = side.outcome === "denied" && side.by.length > 0;
    found.push({
      ...connection,
      direction: side === egress ? "EGRESS" : "INGRESS",
      reason: byRule ? "POLICY_DENY" : "POLICY_DENIED",
    });
  }
  return { files: cluster.files, connections: found };
}

/** Both events of one denied packet. @param number tells packets apart @param ms since 1970 */
export function packet({ from, to, port, direction, reason }, number, ms) {
  const time = new Date(ms).toISOString();
  const subject = direction === "EGRESS" ? from : to;
  const flow = {
    time,
    verdict: "DROPPED",
    IP: { source: from.addresses[0], destination: to.addresses[0], ipVersion: "IPv4" },
    l4: {
      TCP: {
        source_port: 32_768 + (number % 28_000),
        destination_port: port,
        flags: { SYN: true },
      },
    },
    source: endpoint(from, subject === from),
    destination: endpoint(to, subject === to),
    Type: "L3_L4",
    node_name: `node-${Number(subject.addresses[0].split(".")[3]) % NODES}`,
    traffic_direction: direction,
    drop_reason_desc: reason,
  };
  const sub_type = reason === "POLICY_DENY" ? 181 : 133;
  return [
    { ...flow, uuid: uuidOf(number * 2), event_type: { type: 5 } },
    { ...flow, uuid: uuidOf(number * 2 + 1), event_type: { type: 1, sub_type } },
  ];
}

function endpoint({ name, namespace, labels }, local) {
  const pod = name.slice(name.indexOf("/") + 1);
  return {
    ...(local ? { ID: 1 + (createIndex(name) % 4000) } : {}),
    identity: 256 + (createIndex(labels.texts.join()) % 60_000),
    cluster_name: "default",
    namespace,
    pod_name: pod,
    labels: [...labels.texts],
    workloads: [{ name: pod.slice(0, pod.lastIndexOf("-")), kind: "Deployment" }],
  };
}

function createIndex(text) {
  return createHash("sha1").update(text).digest().readUInt32BE();
}

const uuidOf = (number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
