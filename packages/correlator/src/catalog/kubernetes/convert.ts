import type { CatalogObject, NamedPort, Service, ServicePort, Workload } from "@dropscope/policy";
import { clusterwide, namespaced } from "../objects.js";
import type { RawObject } from "./list-watch.js";

// Objects of an API server are valid, and there are a hundred thousand of them: they are read
// here as they come, not by way of YAML. What is not of the expected type counts as absent.

type Record_ = Readonly<Record<string, unknown>>;

/** Of the API server, so without a place. */
const NOWHERE = { file: "", line: 1, column: 1, path: "" } as const;

export function toPod(raw: RawObject): CatalogObject {
  const { metadata, spec, status } = partsOf(raw);
  const phase = text(status["phase"]);
  const owner = ownerOf(metadata);
  const nodeName = text(spec["nodeName"]);
  const value: Workload = {
    kind: "Pod",
    name: text(metadata["name"]),
    namespace: text(metadata["namespace"]),
    labels: texts(metadata["labels"]),
    serviceAccount: text(spec["serviceAccountName"]) || "default",
    hostNetwork: spec["hostNetwork"] === true,
    ports: portsOf(spec),
    // A pod that has ended keeps its address in its status, and the next one gets it.
    addresses: phase === "Succeeded" || phase === "Failed" ? [] : addressesOf(status),
    ...(nodeName === "" ? {} : { nodeName }),
    ...(owner === undefined ? {} : { owner }),
    place: NOWHERE,
  };
  return namespaced("Pod", value);
}

export function toNamespace(raw: RawObject): CatalogObject {
  const { metadata } = partsOf(raw);
  const name = text(metadata["name"]);
  const labels = { ...texts(metadata["labels"]), "kubernetes.io/metadata.name": name };
  return clusterwide("Namespace", { name, labels, place: NOWHERE });
}

export function toNode(raw: RawObject): CatalogObject {
  const { metadata, spec, status } = partsOf(raw);
  const cidrs = list(spec["podCIDRs"]).map(text).filter(Boolean);
  return clusterwide("Node", {
    name: text(metadata["name"]),
    labels: texts(metadata["labels"]),
    addresses: list(status["addresses"])
      .map(record)
      .filter(({ type }) => type === "InternalIP" || type === "ExternalIP")
      .map(({ address }) => text(address))
      .filter(Boolean),
    podCidrs: cidrs.length > 0 ? cidrs : [text(spec["podCIDR"])].filter(Boolean),
    place: NOWHERE,
  });
}

export function toService(raw: RawObject): Service {
  const { metadata, spec } = partsOf(raw);
  const type = text(spec["type"]);
  const selector = texts(spec["selector"]);
  const traffic = spec["externalTrafficPolicy"];
  const addresses = [text(spec["clusterIP"]), ...list(spec["clusterIPs"]).map(text)];
  return {
    name: text(metadata["name"]),
    namespace: text(metadata["namespace"]),
    type:
      type === "NodePort" || type === "LoadBalancer" || type === "ExternalName"
        ? type
        : "ClusterIP",
    labels: texts(metadata["labels"]),
    ...(Object.keys(selector).length === 0 ? {} : { selector }),
    clusterAddresses: [...new Set(addresses)].filter((one) => one !== "" && one !== "None"),
    ...(traffic === "Cluster" || traffic === "Local" ? { externalTrafficPolicy: traffic } : {}),
    ports: list(spec["ports"]).map(record).flatMap(toServicePort),
    backendAddresses: [],
    place: NOWHERE,
  };
}

function toServicePort(raw: Record_): ServicePort[] {
  const { port, nodePort, targetPort } = raw;
  const protocol = protocolOf(raw);
  if (typeof port !== "number" || protocol === undefined) return [];
  const name = text(raw["name"]);
  const target = typeof targetPort === "number" ? targetPort : text(targetPort);
  return [
    {
      ...(name === "" ? {} : { name }),
      protocol,
      port,
      targetPort: target || port,
      ...(typeof nodePort === "number" && nodePort > 0 ? { nodePort } : {}),
    },
  ];
}

/** A slice of addresses, and the service that it belongs to. */
export interface Slice {
  readonly namespace: string;
  readonly name: string;
  readonly service: string;
  readonly addresses: readonly string[];
}

export function toSlice(raw: RawObject): Slice {
  const { metadata } = partsOf(raw);
  const endpoints = list(raw["endpoints"]).map(record);
  return {
    namespace: text(metadata["namespace"]),
    name: text(metadata["name"]),
    service: texts(metadata["labels"])["kubernetes.io/service-name"] ?? "",
    addresses:
      raw["addressType"] === "FQDN"
        ? []
        : endpoints.flatMap(({ addresses }) => list(addresses).map(text).filter(Boolean)),
  };
}

function partsOf(raw: RawObject): { metadata: Record_; spec: Record_; status: Record_ } {
  return {
    metadata: record(raw.metadata),
    spec: record(raw["spec"]),
    status: record(raw["status"]),
  };
}

function ownerOf(metadata: Record_): Workload["owner"] {
  for (const owner of list(metadata["ownerReferences"]).map(record)) {
    const [kind, name] = [text(owner["kind"]), text(owner["name"])];
    // Static pods are owned by their node, which is nobody's replica set.
    if (owner["controller"] === true && name !== "" && kind !== "Node") return { kind, name };
  }
  return undefined;
}

function portsOf(spec: Record_): NamedPort[] {
  // Sidecars stand among the init containers.
  const sidecars = list(spec["initContainers"])
    .map(record)
    .filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...list(spec["containers"]).map(record), ...sidecars].flatMap(({ ports }) =>
    list(ports)
      .map(record)
      .flatMap((port): NamedPort[] => {
        const protocol = protocolOf(port);
        return typeof port["containerPort"] === "number" && protocol !== undefined
          ? [{ name: text(port["name"]), protocol, port: port["containerPort"] }]
          : [];
      }),
  );
}

function addressesOf(status: Record_): string[] {
  const all = [
    text(status["podIP"]),
    ...list(status["podIPs"]).map((one) => text(record(one)["ip"])),
  ];
  return [...new Set(all)].filter(Boolean);
}

function protocolOf({ protocol = "TCP" }: Record_): NamedPort["protocol"] | undefined {
  return protocol === "TCP" || protocol === "UDP" || protocol === "SCTP" ? protocol : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Record_ {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record_)
    : {};
}

/** Without a prototype: labels may be called anything. */
function texts(value: unknown): Record<string, string> {
  const found = Object.create(null) as Record<string, string>;
  for (const [key, one] of Object.entries(record(value)))
    if (typeof one === "string") found[key] = one;
  return found;
}
