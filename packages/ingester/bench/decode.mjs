// Cost of one flow from bytes to a Native block, beside the generic decoder on the same bytes.
//   npx tsc -b packages/ingester && node packages/ingester/bench/decode.mjs [--flows N] [--rounds N]
import { randomBytes, randomUUID } from "node:crypto";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createDecoder, dayOf } from "@dropscope/ingester";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { newBatchId } from "@dropscope/store";

const { values } = parseArgs({
  options: {
    flows: { type: "string", default: "40000" },
    rounds: { type: "string", default: "7" },
  },
});
const FLOWS = Number(values.flows);
const ROUNDS = Number(values.rounds);
const BATCH = 20_000;
const START = 1_760_000_000;

const pick = (list) => list[Math.floor(Math.random() * list.length)];
const NAMESPACES = ["web", "payments", "monitoring", "kube-system", "data", "edge"];

const pods = Array.from({ length: 200 }, (_, i) => {
  const namespace = NAMESPACES[i % NAMESPACES.length];
  const app = `service-${i % 40}`;
  return {
    ID: 100 + i,
    identity: 20_000 + (i % 60),
    namespace,
    clusterName: "default",
    labels: [
      `k8s:app.kubernetes.io/instance=${app}`,
      `k8s:app.kubernetes.io/name=${app}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
      `k8s:io.cilium.k8s.policy.serviceaccount=${app}`,
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      `k8s:pod-template-hash=${randomBytes(5).toString("hex")}`,
    ],
    podName: `${app}-${randomBytes(5).toString("hex")}-${randomBytes(3).toString("hex").slice(0, 5)}`,
    workloads: [{ name: app, kind: "Deployment" }],
    ip: `10.244.${i >> 6}.${i & 63}`,
  };
});
const nodeLabels = [
  "kubernetes.io/arch=amd64",
  "kubernetes.io/os=linux",
  "topology.kubernetes.io/zone=zone-a",
];

function makeFlow(i) {
  const [from, to] = [pick(pods), pick(pods)];
  const dice = Math.random();
  const isDrop = dice < 0.1;
  const l7 = isDrop || dice > 0.2 ? undefined : dice < 0.16 ? dns(to) : http(to);
  const flow = {
    time: { seconds: BigInt(START + Math.floor(i / 5000)), nanos: (i % 5000) * 200_000 + 17 },
    uuid: randomUUID(),
    verdict: isDrop ? 2 : 1,
    dropReason: isDrop ? 133 : 0,
    dropReasonDesc: isDrop ? 133 : 0,
    ethernet: { source: "0a:58:0a:f4:00:01", destination: "0a:58:0a:f4:00:02" },
    IP: { source: from.ip, destination: to.ip, ipVersion: 1 },
    l4: {
      protocol: {
        case: "TCP",
        value: {
          sourcePort: 32_768 + (i % 28_000),
          destinationPort: 8080,
          flags: { ACK: true, PSH: i % 3 === 0 },
        },
      },
    },
    source: from,
    destination: to,
    Type: l7 ? 2 : 1,
    nodeName: `default/node-${i % 5}`,
    nodeLabels,
    eventType: { type: isDrop ? 1 : 4, subType: isDrop ? 133 : 3 },
    destinationService: { name: `service-${i % 40}`, namespace: to.namespace },
    trafficDirection: 1 + (i % 2),
    traceObservationPoint: isDrop ? 0 : 101,
    traceReason: isDrop ? 0 : 2,
    isReply: isDrop ? undefined : i % 2 === 0,
    interface: isDrop ? undefined : { index: 12 + (i % 30), name: `lxc${(i % 30).toString(16)}` },
    socketCookie: BigInt(i),
    Summary: "TCP Flags: ACK, PSH",
    ...(l7 ? { l7 } : {}),
    ingressAllowedBy: isDrop
      ? []
      : [
          {
            name: "allow-web",
            namespace: to.namespace,
            kind: "CiliumNetworkPolicy",
            revision: 7n,
            labels: ["k8s:io.cilium.k8s.policy.name=allow-web"],
          },
        ],
  };
  return toBinary(
    GetFlowsResponseSchema,
    create(GetFlowsResponseSchema, {
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- numbers, as on the wire
      responseTypes: { case: "flow", value: flow },
      nodeName: flow.nodeName,
      time: flow.time,
    }),
  );
}

function dns(to) {
  const query = `${to.podName}.${to.namespace}.svc.cluster.local.`;
  return {
    type: 2,
    latencyNs: 1_200_000n,
    record: {
      case: "dns",
      value: { query, ips: [to.ip], ttl: 30, qtypes: ["A"], observationSource: "proxy" },
    },
  };
}

function http(to) {
  const url = `http://${to.workloads[0].name}.${to.namespace}/api/v1/items?page=2`;
  return {
    type: 1,
    record: {
      case: "http",
      value: {
        method: "GET",
        url,
        protocol: "HTTP/1.1",
        headers: [{ key: "User-Agent", value: "curl/8" }],
      },
    },
  };
}

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

const flows = Array.from({ length: FLOWS }, (_, i) => makeFlow(i));
const decoder = createDecoder({ capacity: BATCH, redact: {} });
const stamp = () => ({
  id: newBatchId(Date.now()),
  storedOn: dayOf(Date.now()),
  nowMs: Date.now(),
});

function measure(run) {
  globalThis.gc?.();
  const before = process.cpuUsage();
  const started = performance.now();
  run();
  const us = (performance.now() - started) * 1000;
  const { user, system } = process.cpuUsage(before);
  return { wall: us / FLOWS, cpu: (user + system) / FLOWS };
}

let encoded = 0;
const cases = {
  "decode only (rows discarded)": () => {
    for (const bytes of flows) {
      decoder.decodeResponse(bytes);
      decoder.discard();
    }
  },
  "decode + encode (Native blocks)": () => {
    encoded = 0;
    const seal = () => {
      for (const block of decoder.finish(stamp()).blocks) encoded += block.chunks[0].length;
    };
    for (const bytes of flows) {
      decoder.decodeResponse(bytes);
      if (decoder.full()) seal();
      decoder.commit();
    }
    seal();
  },
  "generic fromBinary (@bufbuild)": () => {
    for (const bytes of flows) fromBinary(GetFlowsResponseSchema, bytes);
  },
};

const results = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, run] of Object.entries(cases)) {
    const cost = measure(run);
    // The first round warms up.
    if (round > 0) results[name].push(cost);
  }

const wire = flows.reduce((sum, bytes) => sum + bytes.length, 0) / FLOWS;
console.log(`${cpus().length} × ${cpus()[0].model.trim()}, Node ${process.version}`);
console.log(
  `${FLOWS} flows of ${wire.toFixed(0)} B, ${pods.length} pods, ${ROUNDS} rounds, median µs per flow`,
);
const medians = {};
for (const [name, costs] of Object.entries(results)) {
  const wall = costs.map((cost) => cost.wall);
  medians[name] = median(costs.map((cost) => cost.cpu));
  console.log(
    `${name.padEnd(34)} ${median(wall).toFixed(2).padStart(6)} wall (${Math.min(...wall).toFixed(2)}–${Math.max(...wall).toFixed(2)}), ${median(costs.map((cost) => cost.cpu)).toFixed(2)} CPU`,
  );
}
const [, both, generic] = Object.values(medians);
console.log(
  `CPU of generic decode ÷ decode + encode: ${(generic / both).toFixed(1)}×; block: ${(encoded / FLOWS).toFixed(0)} B per flow`,
);
