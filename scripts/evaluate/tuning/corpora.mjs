// Policies that others wrote, and what they allow: suggesting from the connections that are allowed and
// evaluating the suggestion must give back the same connections.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogObjects } from "@dropscope/correlator";
import {
  connectionList,
  createEngine,
  parseConnectionText,
  parseManifests,
  PROFILES,
  renderConnections,
} from "@dropscope/policy";
import {
  clusterOfManifests,
  createDirectory,
  foldFlows,
  joinedYaml,
  proposalYaml,
  propose,
  suggest,
  workloadOf,
} from "@dropscope/tuning";
import { parsePort, podOf } from "../../conformance/kubernetes.mjs";
import { readList } from "../../conformance/netpol-analyzer/lists.mjs";
import { loadManifests } from "../../conformance/netpol-analyzer/manifests.mjs";
import { listOptions } from "../../conformance/netpol-analyzer/options.mjs";
import { createRecorder } from "../flows.mjs";
import { createRandom } from "../random.mjs";

/** `{name, reason}` of every case; the reason is empty where the same connections came back. */
export function* cyclonusCases(dir, every = 1) {
  const lines = readFileSync(join(dir, "cases.jsonl"), "utf8").split("\n");
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "" || at % every !== 0) continue;
    const { index, steps } = JSON.parse(line);
    for (const [number, step] of steps.entries()) {
      const reason = cyclonusStep(step);
      if (reason !== undefined) yield { name: `cyclonus ${index} step ${number}`, reason };
    }
  }
}

/** Undefined where nothing is allowed: then there is nothing to suggest from. */
function cyclonusStep(step) {
  const checks = Object.entries(step.expected).flatMap(([from, row]) =>
    Object.entries(row).flatMap(([to, ports]) =>
      // A real pod cannot keep itself out.
      from === to
        ? []
        : Object.entries(ports).map(([port, [, , combined]]) => ({
            from,
            to,
            protocol: parsePort(port).protocol,
            port: parsePort(port).port,
            allowed: combined === "allowed",
          })),
    ),
  );
  const manifests = parseManifests(
    JSON.stringify({ apiVersion: "v1", kind: "List", items: objectsOf(step) }),
    "case.json",
  );
  const cluster = clusterOfManifests(manifests, { at: 0, profile: PROFILES.kubernetes });
  const ends = new Map(
    step.pods.map((pod) => [`${pod.namespace}/${pod.name}`, flowEnd(pod, step)]),
  );
  const recorder = createRecorder(createRandom("cyclonus"));
  for (const { from, to, protocol, port, allowed } of checks)
    if (allowed) recorder.passed({ from: ends.get(from), to: ends.get(to), protocol, port });
  if (recorder.flows.length === 0) return undefined;
  const { yaml } = suggest(foldFlows(recorder.flows), cluster, {
    namespaces: [...new Set(step.pods.map(({ namespace }) => namespace))],
    kind: "NetworkPolicy",
    dns: "seen",
  });
  const engine = createEngine({ profile: PROFILES.kubernetes });
  for (const policy of parseManifests(yaml, "suggested.yaml").policies)
    engine.setPolicies(`${policy.namespace}/${policy.name}`, [policy]);
  const pods = new Map(
    step.pods.map((pod) => [
      `${pod.namespace}/${pod.name}`,
      podOf(pod, step.namespaces[pod.namespace]),
    ]),
  );
  const wrong = checks.filter(
    ({ from, to, protocol, port, allowed }) =>
      engine.decide({ from: pods.get(from), to: pods.get(to), protocol, port }).allowed !== allowed,
  );
  return wrong.length === 0
    ? ""
    : `${wrong.length} connections differ, such as ${wrong[0].from} → ${wrong[0].to} ${wrong[0].protocol} ${wrong[0].port}`;
}

function objectsOf({ namespaces, pods }) {
  return [
    ...Object.entries(namespaces).map(([name, labels]) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels },
    })),
    ...pods.map(({ namespace, name, labels, ip }) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace, name, labels },
      spec: { containers: [{ name: "main" }] },
      status: { podIP: ip },
    })),
  ];
}

function flowEnd({ namespace, name, labels, ip }, { namespaces }) {
  const texts = [
    ...Object.entries(labels ?? {}).map(([key, value]) => `k8s:${key}=${value}`),
    ...Object.entries(namespaces[namespace]).map(
      ([key, value]) => `k8s:io.cilium.k8s.namespace.labels.${key}=${value}`,
    ),
    "k8s:io.cilium.k8s.policy.cluster=default",
    `k8s:io.kubernetes.pod.namespace=${namespace}`,
  ];
  return {
    ip,
    node: "node-a",
    endpoint: () => ({ ID: 7, identity: 1000, namespace, pod_name: name, labels: texts }),
  };
}

export function* netpolAnalyzerCases(dir) {
  const { cases } = JSON.parse(readFileSync(join(dir, "index.json"), "utf8"));
  for (const one of cases) {
    if (one.type !== "connlist") continue;
    const manifests = loadManifests(join(dir, one.manifests));
    // Parts of the address space are no traffic that is observed.
    if (
      manifests.policies.some(({ rules }) =>
        rules.some(({ peers }) => peers !== "any" && peers.some(({ of }) => of === "cidr")),
      )
    )
      continue;
    const golden = readList(
      readFileSync(join(dir, one.expected), "utf8"),
      "txt",
      listOptions(one.options ?? {}),
    );
    yield {
      name: `netpol-analyzer ${one.case}`,
      reason: connectionLists(manifests, golden.list, listOptions(one.options ?? {})),
    };
  }
}

const EXTERNAL = "0.0.0.0-255.255.255.255[External]";
const isController = (line) => line.startsWith("{ingress-controller}");

function connectionLists(manifests, golden, options) {
  const wanted = golden.filter((line) => !isController(line));
  // The lists take pods of the host network for pods like any others.
  const workloadsAsPods = manifests.workloads.map((one) =>
    Object.assign({}, one, { hostNetwork: false }),
  );
  const asPods = Object.assign({}, manifests, { workloads: workloadsAsPods });
  const directory = createDirectory(catalogObjects(asPods), [], []);
  const { workloads } = connectionList(
    { ...manifests, policies: [] },
    { ...options, focus: undefined },
  );
  const parties = new Map([[EXTERNAL, { of: "block", cidr: "0.0.0.0/0" }]]);
  for (const { text, workload, endpoint } of workloads) {
    const pods = directory.classOf(endpoint, workloadOf(workload.sources[0]));
    if (pods !== undefined) parties.set(text, { of: "pods", pods });
  }
  const asks = [];
  for (const line of wanted) {
    const [from, to, conn] = line.split("\t");
    const [client, server] = [parties.get(from), parties.get(to)];
    if (client === undefined || server === undefined) return `${line}: an end is no pod`;
    const { ports, names } = parseConnectionText(conn);
    if (names.length > 0) return `${line}: a port that is only known by its name`;
    for (const [protocol, intervals] of Object.entries(ports))
      for (const [first, last] of intervals) {
        const ask = { protocol, first, last };
        if (client.of === "pods")
          asks.push({ ...ask, direction: "egress", subject: client.pods, peer: server });
        if (server.of === "pods")
          asks.push({ ...ask, direction: "ingress", subject: server.pods, peer: client });
      }
  }
  const yaml = joinedYaml(
    propose(asks, {
      kind: "NetworkPolicy",
      mode: "workload",
      directions: ["ingress", "egress"],
      directory,
      defaultDeny: directory.namespaces,
      isTaken: () => false,
    }).map((one) => proposalYaml(one, () => "")),
  );
  const { policies } = parseManifests(yaml, "suggested.yaml");
  const { connections } = connectionList({ ...manifests, policies }, options);
  const found = readList(
    renderConnections(connections, "txt", { focus: options.focus }),
    "txt",
    options,
  );
  const got = new Set(found.list.filter((line) => !isController(line)));
  const missing = wanted.filter((line) => !got.has(line));
  const extra = [...got].filter((line) => !wanted.includes(line));
  if (missing.length === 0 && extra.length === 0) return "";
  return `missing ${missing.length}, more ${extra.length}, such as ${[...missing, ...extra][0].replaceAll("\t", " ")}`;
}
