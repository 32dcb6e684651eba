import type { Endpoint, Flow, Layer7, PolicyRef, Service } from "@dropscope/model";
import type { Pseudonyms } from "./pseudonyms.js";

/** Fields that hold no names. What is not listed here or below is left out: nobody knows what it says. */
const KEPT = [
  "time",
  "uuid",
  "emitter",
  "verdict",
  "drop_reason",
  "auth_type",
  "ethernet",
  "IP",
  "l4",
  "tunnel",
  "Type",
  "reply",
  "event_type",
  "traffic_direction",
  "policy_match_type",
  "trace_observation_point",
  "trace_reason",
  "file",
  "ip_trace_id",
  "drop_reason_desc",
  "is_reply",
  "debug_capture_point",
  "interface",
  "proxy_port",
  "trace_context",
  "sock_xlate_point",
  "socket_cookie",
  "cgroup_id",
  "aggregate",
] as const satisfies readonly (keyof Flow)[];

/** Summaries of layers 3 and 4 say flags and types; those of layer 7 say names. */
const SUMMARY = /^(?:TCP Flags: [A-Z, ]+|ICMPv[46] [\w() ]+|UDP|SCTP)$/;

export function redactFlow(flow: Flow, names: Pseudonyms): Flow {
  const { name, label } = names;
  const changed = {
    source: flow.source && endpoint(flow.source, names),
    destination: flow.destination && endpoint(flow.destination, names),
    node_name: flow.node_name && name(flow.node_name),
    node_labels: flow.node_labels?.map(label),
    source_names: flow.source_names?.map(name),
    destination_names: flow.destination_names?.map(name),
    l7: flow.l7 && layer7(flow.l7, names),
    source_service: flow.source_service && service(flow.source_service, names),
    destination_service: flow.destination_service && service(flow.destination_service, names),
    Summary: flow.Summary !== undefined && SUMMARY.test(flow.Summary) ? flow.Summary : undefined,
    egress_allowed_by: flow.egress_allowed_by?.map((one) => policy(one, names)),
    ingress_allowed_by: flow.ingress_allowed_by?.map((one) => policy(one, names)),
    egress_denied_by: flow.egress_denied_by?.map((one) => policy(one, names)),
    ingress_denied_by: flow.ingress_denied_by?.map((one) => policy(one, names)),
  };
  const kept = Object.fromEntries(KEPT.map((field) => [field, flow[field]]));
  return present({ ...kept, ...changed });
}

/** Says of a flow of layer 7 only that it is one. */
export function withoutL7({ l7, ...flow }: Flow): Flow {
  if (l7 === undefined) return flow;
  // A summary of layer 7 repeats what was asked for.
  delete flow.Summary;
  return flow;
}

function endpoint(end: Endpoint, { name, label }: Pseudonyms): Endpoint {
  return present({
    ID: end.ID,
    identity: end.identity,
    cluster_name: end.cluster_name && name(end.cluster_name),
    namespace: end.namespace && name(end.namespace),
    labels: end.labels?.map(label),
    pod_name: end.pod_name && name(end.pod_name),
    workloads: end.workloads?.map((one) =>
      present({ name: one.name && name(one.name), kind: one.kind }),
    ),
  });
}

function service(one: Service, { name }: Pseudonyms): Service {
  return present({
    name: one.name && name(one.name),
    namespace: one.namespace && name(one.namespace),
  });
}

function policy(one: PolicyRef, { name, label }: Pseudonyms): PolicyRef {
  return present({
    name: one.name && name(one.name),
    namespace: one.namespace && name(one.namespace),
    labels: one.labels?.map(label),
    revision: one.revision,
    kind: one.kind,
  });
}

function layer7({ type, latency_ns, dns, http, kafka }: Layer7, { name }: Pseudonyms): Layer7 {
  return present({
    type,
    latency_ns,
    dns: dns && {
      ...dns,
      ...(dns.query === undefined ? {} : { query: name(dns.query) }),
      ...(dns.cnames === undefined ? {} : { cnames: dns.cnames.map(name) }),
    },
    http:
      http &&
      present({
        code: http.code,
        method: http.method,
        url: http.url && url(http.url, name),
        protocol: http.protocol,
      }),
    kafka: kafka && {
      ...kafka,
      ...(kafka.topic === undefined ? {} : { topic: name(kafka.topic) }),
    },
  });
}

function url(text: string, name: (text: string) => string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?([^?#]*)/is.exec(text) ?? [];
  return `${scheme}${name(rest)}`;
}

function present<Value extends object>(value: {
  [Key in keyof Value]: Value[Key] | undefined;
}): Value {
  return Object.fromEntries(
    Object.entries(value).filter(([, one]) => one !== undefined),
  ) as unknown as Value;
}
