import { type Flow, type ObservedEdge, podOwner } from "@dropscope/model";
import {
  type CatalogObject,
  type Namespace,
  NAMESPACE_LABEL_PREFIX,
  parseLabel,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  SERVICE_ACCOUNT,
  type Workload,
} from "@dropscope/policy";
import { objectKey } from "./kinds.js";

/**
 * Pods and namespaces that nobody told of, from the labels that their flows carry: as many pods as edges
 * name. What is among `known` already is left out.
 */
export function inferObjects(
  edges: Iterable<ObservedEdge>,
  known: readonly CatalogObject[] = [],
): CatalogObject[] {
  const have = new Set(known.map(objectKey));
  const found = new Map<string, CatalogObject>();
  const add = (object: CatalogObject): void => {
    const key = objectKey(object);
    if (!have.has(key) && !found.has(key)) found.set(key, object);
  };
  for (const { flow, sources, destinations } of edges)
    for (const [side, end] of [
      ["source", sources],
      ["destination", destinations],
    ] as const) {
      const namespace = flow[side]?.namespace ?? "";
      if (namespace === "" || (flow[side]?.labels ?? []).length === 0) continue;
      add({ kind: "Namespace", namespace: "", name: namespace, value: namespaceOf(flow, side) });
      const own = flow[side]?.pod_name ?? "";
      const names = end.names.flatMap((name) => /^[^/]+\/(.+)$/.exec(name)?.[1] ?? []);
      for (const name of new Set(own === "" ? names : [own, ...names])) {
        const value = podOf(flow, side, name, name === own);
        add({ kind: "Pod", namespace, name, value });
      }
    }
  return [...found.values()];
}

type Side = "source" | "destination";

const place = { file: "flows", line: 1, column: 1, path: "" };

function namespaceOf(flow: Flow, side: Side): Namespace {
  const name = flow[side]?.namespace ?? "";
  const labels: Record<string, string> = { "kubernetes.io/metadata.name": name };
  for (const { source, key, value } of (flow[side]?.labels ?? []).map(parseLabel))
    if (source !== "reserved" && key.startsWith(NAMESPACE_LABEL_PREFIX))
      labels[key.slice(NAMESPACE_LABEL_PREFIX.length)] = value;
  return { name, labels, place };
}

/** Labels that Cilium adds to those of the pod. */
const ADDED: ReadonlySet<string> = new Set([POD_NAMESPACE, POLICY_CLUSTER, SERVICE_ACCOUNT]);

function podOf(flow: Flow, side: Side, name: string, isSeen: boolean): Workload {
  const end = flow[side] ?? {};
  const labels: Record<string, string> = {};
  let serviceAccount = "";
  for (const { source, key, value } of (end.labels ?? []).map(parseLabel)) {
    if (key === SERVICE_ACCOUNT) serviceAccount = value;
    const isOwn = source === "k8s" || source === "unspec";
    if (isOwn && !ADDED.has(key) && !key.startsWith(NAMESPACE_LABEL_PREFIX)) labels[key] = value;
  }
  const address = flow.IP?.[side] ?? "";
  const owner = end.workloads?.[0]?.name || podOwner(name);
  return {
    kind: "Pod",
    name,
    namespace: end.namespace ?? "",
    labels,
    serviceAccount,
    hostNetwork: false,
    ports: [],
    addresses: isSeen && address !== "" ? [address] : [],
    ...(owner === "" ? {} : { owner: { kind: end.workloads?.[0]?.kind ?? "", name: owner } }),
    place,
  };
}
