import type { Backends, Publication, Service, ServicePort } from "../objects.js";
import { emptyRecord } from "../source/record.js";
import { child, placeOf, type Slot } from "../source/slot.js";
import { parseAddress } from "./cidr.js";
import { readLabels, texts } from "./cluster-objects.js";
import { isAbsent, readInteger, readRecord, readRecords, readText, readTextMap } from "./fields.js";
import type { ObjectInput } from "./kinds.js";
import { type Report, show } from "./report.js";
import { readProtocol } from "./workload.js";

const types = new Set(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]);

export function readService({ report, root, object }: ObjectInput): Service {
  const spec = child(root, "spec");
  const type = readText(report, child(spec, "type")) ?? "ClusterIP";
  if (!types.has(type))
    report.error(
      "BAD_VALUE",
      child(spec, "type"),
      `${show(type)} is not a type of service`,
      `Write one of ${[...types].join(", ")}.`,
    );
  const selector = readRecord(report, child(spec, "selector"));
  const policy = readText(report, child(spec, "externalTrafficPolicy"));
  const addresses = [
    readText(report, child(spec, "clusterIP")) ?? "",
    ...texts(report, child(spec, "clusterIPs")),
  ];
  return {
    ...object,
    type: type as Service["type"],
    labels: readLabels(report, child(child(root, "metadata"), "labels")),
    ...(selector ? { selector: textMap(report, selector) } : {}),
    // `None` stands in the same place.
    clusterAddresses: [...new Set(addresses.filter((address) => parseAddress(address)))],
    ...(policy === "Cluster" || policy === "Local" ? { externalTrafficPolicy: policy } : {}),
    ports: (readRecords(report, child(spec, "ports")) ?? []).flatMap(
      (port): ServicePort | ServicePort[] => readPort(report, port) ?? [],
    ),
    backendAddresses: [],
    place: placeOf(root),
  };
}

function textMap(report: Report, slot: Slot): Record<string, string> {
  const map = emptyRecord<string>();
  for (const [key, value] of readTextMap(report, slot)) map[key] = value;
  return map;
}

function readPort(report: Report, slot: Slot): ServicePort | undefined {
  const port = readInteger(report, child(slot, "port"));
  const protocol = readProtocol(report, slot);
  if (port === undefined || protocol === undefined) return undefined;
  const name = readText(report, child(slot, "name"));
  const nodePort = readInteger(report, child(slot, "nodePort"));
  const target = child(slot, "targetPort");
  return {
    ...(name ? { name } : {}),
    protocol,
    port,
    targetPort: readPortOrName(report, target) || port,
    ...(nodePort ? { nodePort } : {}),
  };
}

/** A number or a name, as `targetPort` and backends of Ingress have it. */
function readPortOrName(report: Report, slot: Slot): number | string | undefined {
  if (typeof slot.value === "string") return slot.value;
  return isAbsent(slot) ? undefined : readInteger(report, slot);
}

export function readEndpoints({ report, root, object }: ObjectInput): Backends {
  const addresses = (readRecords(report, child(root, "subsets")) ?? []).flatMap((subset) =>
    (readRecords(report, child(subset, "addresses")) ?? []).map(
      (address) => readText(report, child(address, "ip")) ?? "",
    ),
  );
  return { service: object.name, namespace: object.namespace, addresses: valid(addresses) };
}

export function readEndpointSlice({ report, root, object }: ObjectInput): Backends | undefined {
  const labels = child(child(root, "metadata"), "labels");
  const service = readText(report, child(labels, "kubernetes.io/service-name"));
  const addresses = (readRecords(report, child(root, "endpoints")) ?? []).flatMap((endpoint) =>
    texts(report, child(endpoint, "addresses")),
  );
  return service
    ? { service, namespace: object.namespace, addresses: valid(addresses) }
    : undefined;
}

function valid(addresses: readonly string[]): string[] {
  return addresses.filter((address) => parseAddress(address));
}

type Backend = Publication["backends"][number];

/** networking.k8s.io/v1 (and the v1beta1 whose backends are flat). */
export function readIngress({ report, root, object }: ObjectInput): Publication {
  const spec = child(root, "spec");
  const rules = (readRecords(report, child(spec, "rules")) ?? []).flatMap((rule) =>
    (readRecords(report, child(child(rule, "http"), "paths")) ?? []).map((path) =>
      child(path, "backend"),
    ),
  );
  const backends = [child(spec, "defaultBackend"), child(spec, "backend"), ...rules];
  return {
    kind: "Ingress",
    ...object,
    backends: backends.flatMap(
      (backend): Backend | Backend[] => readBackend(report, backend) ?? [],
    ),
    place: placeOf(root),
  };
}

function readBackend(report: Report, slot: Slot): Backend | undefined {
  const service = child(slot, "service");
  const name =
    readText(report, child(service, "name")) ?? readText(report, child(slot, "serviceName"));
  if (!name) return undefined;
  const written = child(service, "port");
  const port =
    readInteger(report, child(written, "number")) ??
    readText(report, child(written, "name")) ??
    readPortOrName(report, child(slot, "servicePort"));
  return { service: name, ...(port === undefined ? {} : { port }) };
}

/** route.openshift.io/v1. */
export function readRoute({ report, root, object }: ObjectInput): Publication {
  const spec = child(root, "spec");
  const port = readPortOrName(report, child(child(spec, "port"), "targetPort"));
  const targets = [
    child(spec, "to"),
    ...(readRecords(report, child(spec, "alternateBackends")) ?? []),
  ];
  return {
    kind: "Route",
    ...object,
    backends: targets.flatMap((target): Backend[] => {
      const kind = readText(report, child(target, "kind")) ?? "Service";
      const service = readText(report, child(target, "name"));
      if (kind !== "Service" || !service) return [];
      return [{ service, ...(port === undefined ? {} : { port }) }];
    }),
    place: placeOf(root),
  };
}
