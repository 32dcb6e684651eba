import type { Endpoint, Flow, Layer4, Layer7, PolicyRef } from "@dropscope/model";

/**
 * The parts of a flow that an explanation looks at, with everything left out that is not of its
 * type: flows come from files and from servers of any version, and an explanation never fails.
 */
export function plainFlow(flow: Flow): Flow {
  const known = plainFlows.get(flow);
  if (known !== undefined) return known;
  const plain = newPlainFlow(flow);
  if (isRecord(flow)) plainFlows.set(flow, plain);
  plainFlows.set(plain, plain);
  return plain;
}

/** Several look at each flow, and none changes it. */
const plainFlows = new WeakMap<Flow, Flow>();

function newPlainFlow(flow: Flow): Flow {
  const raw = isRecord(flow) ? flow : {};
  const result: Flow = {};
  for (const key of ["time", "uuid", "node_name"] as const)
    if (typeof raw[key] === "string") result[key] = raw[key];
  for (const key of ["verdict", "traffic_direction", "drop_reason_desc", "Type"] as const)
    if (typeof raw[key] === "string" || typeof raw[key] === "number") result[key] = raw[key];
  for (const key of ["trace_observation_point", "trace_reason"] as const)
    if (typeof raw[key] === "string" || typeof raw[key] === "number") result[key] = raw[key];
  if (typeof raw.drop_reason === "number") result.drop_reason = raw.drop_reason;
  for (const key of ["is_reply", "reply"] as const)
    if (typeof raw[key] === "boolean") result[key] = raw[key];
  for (const key of ["source_names", "destination_names", "node_labels"] as const) {
    const texts = textsOf(raw[key]);
    if (texts.length > 0) result[key] = texts;
  }
  for (const key of LISTS) {
    const refs = refsOf(raw[key]);
    if (refs.length > 0) result[key] = refs;
  }
  if (isRecord(raw.source)) result.source = endOf(raw.source);
  if (isRecord(raw.destination)) result.destination = endOf(raw.destination);
  if (isRecord(raw.IP)) {
    const { source, destination } = raw.IP;
    result.IP = { ...textAs("source", source), ...textAs("destination", destination) };
  }
  if (isRecord(raw.event_type)) {
    const { type } = raw.event_type;
    result.event_type = typeof type === "number" ? { type } : {};
  }
  if (isRecord(raw.l4)) result.l4 = layer4Of(raw.l4);
  if (isRecord(raw.l7)) result.l7 = layer7Of(raw.l7);
  if (isRecord(raw.destination_service)) {
    const { name, namespace } = raw.destination_service;
    result.destination_service = { ...textAs("name", name), ...textAs("namespace", namespace) };
  }
  return result;
}

const LISTS = [
  "egress_allowed_by",
  "ingress_allowed_by",
  "egress_denied_by",
  "ingress_denied_by",
] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Lists that were looked through and hold texts alone: flows of one identity share that of their labels. */
const plainLists = new WeakSet<readonly unknown[]>();

function textsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  if (plainLists.has(value)) return value as string[];
  const texts = value.filter((one): one is string => typeof one === "string" && one !== "");
  if (texts.length < value.length) return texts;
  plainLists.add(value);
  return value as string[];
}

function textAs<Key extends string>(key: Key, value: unknown): { [K in Key]?: string } {
  return (isText(value) ? { [key]: value } : {}) as {
    [K in Key]?: string;
  };
}

function refsOf(value: unknown): PolicyRef[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map(refOf);
}

function refOf(raw: Record<string, unknown>): PolicyRef {
  const { name, namespace, kind, labels } = raw;
  return {
    ...textAs("name", name),
    ...textAs("namespace", namespace),
    ...textAs("kind", kind),
    labels: textsOf(labels),
  };
}

function headerOf(raw: Record<string, unknown>): { key?: string; value?: string } {
  return { ...textAs("key", raw["key"]), ...textAs("value", raw["value"]) };
}

function endOf(raw: object): Endpoint {
  const { ID, identity, cluster_name, namespace, pod_name, labels, workloads } = raw as Record<
    string,
    unknown
  >;
  const end: Endpoint = { labels: textsOf(labels) };
  if (typeof ID === "number") end.ID = ID;
  if (typeof identity === "number") end.identity = identity;
  if (isText(cluster_name)) end.cluster_name = cluster_name;
  if (isText(namespace)) end.namespace = namespace;
  if (isText(pod_name)) end.pod_name = pod_name;
  const workload: unknown = Array.isArray(workloads) ? workloads.find(isRecord) : undefined;
  if (isRecord(workload))
    end.workloads = [{ ...textAs("name", workload["name"]), ...textAs("kind", workload["kind"]) }];
  return end;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function layer4Of(raw: object): Layer4 {
  const l4: Layer4 = {};
  const all = raw as Record<string, unknown>;
  for (const name of ["TCP", "UDP", "SCTP"] as const) {
    const part = all[name];
    if (!isRecord(part)) continue;
    const [source, destination] = [part["source_port"], part["destination_port"]];
    const ports = {
      ...(typeof source === "number" ? { source_port: source } : {}),
      ...(typeof destination === "number" ? { destination_port: destination } : {}),
    };
    if (name === "TCP" && isRecord(part["flags"])) {
      const { SYN, ACK } = part["flags"];
      l4.TCP = { ...ports, flags: { SYN: SYN === true, ACK: ACK === true } };
    } else l4[name] = ports;
  }
  for (const name of ["ICMPv4", "ICMPv6"] as const) {
    const part = all[name];
    if (isRecord(part)) l4[name] = typeof part["type"] === "number" ? { type: part["type"] } : {};
  }
  for (const name of ["VRRP", "IGMP"] as const) if (isRecord(all[name])) l4[name] = {};
  return l4;
}

function layer7Of(raw: object): Layer7 {
  const { type, dns, http, kafka } = raw as Record<string, unknown>;
  const l7: Layer7 = {};
  if (typeof type === "string" || typeof type === "number") l7.type = type;
  if (isRecord(dns)) {
    const rcode = dns["rcode"];
    l7.dns = {
      ...textAs("query", dns["query"]),
      ...(typeof rcode === "number" ? { rcode } : {}),
      qtypes: textsOf(dns["qtypes"]),
    };
  }
  if (isRecord(http)) {
    const code = http["code"];
    l7.http = {
      ...textAs("method", http["method"]),
      ...textAs("url", http["url"]),
      ...(typeof code === "number" ? { code } : {}),
      headers: (Array.isArray(http["headers"]) ? http["headers"] : [])
        .filter(isRecord)
        .map(headerOf),
    };
  }
  if (isRecord(kafka))
    l7.kafka = { ...textAs("topic", kafka["topic"]), ...textAs("api_key", kafka["api_key"]) };
  return l7;
}
