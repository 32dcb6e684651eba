import type { Json } from "./json.js";

/**
 * Does a line of `hubble observe -o jsonpb` pass a FlowFilter? Written from the fields'
 * meaning alone and on plain JSON, so that it shares nothing with what it checks but the texts.
 */
type Test = (flow: Json, wanted: Json[string]) => boolean;

export function passes(flow: Json, allow: readonly Json[], deny: readonly Json[]): boolean {
  const any = (filters: readonly Json[]): boolean => filters.some((filter) => one(flow, filter));
  return (allow.length === 0 || any(allow)) && !any(deny);
}

function one(flow: Json, filter: Json): boolean {
  return Object.entries(filter).every(([field, values]) => {
    const test = TESTS[field];
    if (test === undefined) throw new Error(`the twin does not know ${field}`);
    return (values as unknown[]).length === 0 || (values as unknown[]).some((v) => test(flow, v));
  });
}

const bits = (ip: string): string | undefined => {
  if (ip.includes(":")) {
    const [head = "", tail] = ip.split("::");
    const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
    const left = groups(head);
    const right = tail === undefined ? [] : groups(tail);
    const gap = Array<string>(tail === undefined ? 0 : 8 - left.length - right.length).fill("0");
    const binary = [...left, ...gap, ...right].map((g) =>
      parseInt(g, 16).toString(2).padStart(16, "0"),
    );
    return `6${binary.join("")}`;
  }
  if (!/^[0-9.]+$/.test(ip)) return undefined;
  return `4${ip
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("")}`;
};

const inRange = (ip: string | undefined, range: string): boolean => {
  if (ip === undefined || ip === "") return false;
  const [base = "", length] = range.split("/");
  const [have, want] = [bits(ip), bits(base)];
  if (have === undefined || want === undefined) return false;
  return length === undefined ? have === want : have.startsWith(want.slice(0, 1 + Number(length)));
};

const prefixed = (namespace = "", name = "", wanted: string): boolean => {
  if (namespace === "" && name === "") return false;
  const [ns, prefix] = wanted.includes("/") ? wanted.split("/") : ["default", wanted];
  return (ns === "" || ns === namespace) && name.startsWith(prefix ?? "");
};

const glob = (pattern: string, name: string): boolean => {
  const source = pattern
    .toLowerCase()
    .replace(/\.$/, "")
    .split("*")
    .map((part) => part.replace(/[.]/g, "\\."))
    .join("[-.0-9a-zA-Z_]*");
  return new RegExp(`^${source}$`).test(name);
};

const selects = (labels: readonly string[] = [], selector: string): boolean => {
  const [key = "", value] = selector.split("=");
  const [source, bare] = key.includes(":") ? key.split(":") : [undefined, key];
  return labels.some((label) => {
    const [, from, name, text] = /^(?:([^:=]*):)?([^=]*)(?:=(.*))?$/s.exec(label) ?? [];
    return (
      name === bare &&
      (source === undefined || source === from) &&
      (value === undefined || value === (text ?? ""))
    );
  });
};

const ports = (flow: Json): Json => flow.l4?.TCP ?? flow.l4?.UDP ?? flow.l4?.SCTP;

const L4: Json = { tcp: "TCP", udp: "UDP", icmpv4: "ICMPv4", icmpv6: "ICMPv6", sctp: "SCTP" };

const ends = (end: "source" | "destination"): Record<string, Test> => ({
  [`${end}_ip`]: (flow, want) => inRange(flow.IP?.[end], want),
  [`${end}_pod`]: (flow, want) => prefixed(flow[end]?.namespace, flow[end]?.pod_name, want),
  [`${end}_service`]: (flow, want) =>
    prefixed(flow[`${end}_service`]?.namespace, flow[`${end}_service`]?.name, want),
  [`${end}_fqdn`]: (flow, want) =>
    ((flow[`${end}_names`] ?? []) as string[]).some((name) => glob(want, name)),
  [`${end}_label`]: (flow, want) => selects(flow[end]?.labels, want),
  [`${end}_port`]: (flow, want) =>
    ports(flow) !== undefined && String(ports(flow)[`${end}_port`] ?? 0) === want,
  [`${end}_identity`]: (flow, want) =>
    flow[end] !== undefined && (flow[end].identity ?? 0) === want,
  [`${end}_workload`]: (flow, want) =>
    ((flow[end]?.workloads ?? []) as Json[]).some(
      (have) =>
        ((want.name ?? "") === "" || want.name === have.name) &&
        ((want.kind ?? "") === "" || want.kind === have.kind),
    ),
  [`${end}_cluster_name`]: (flow, want) =>
    (flow[end]?.cluster_name ?? "") !== "" && glob(want, flow[end].cluster_name),
});

const TESTS: Record<string, Test> = {
  ...ends("source"),
  ...ends("destination"),
  source_ip_xlated: (flow, want) => inRange(flow.IP?.source_xlated, want),
  verdict: (flow, want) => (flow.verdict ?? "VERDICT_UNKNOWN") === want,
  drop_reason_desc: (flow, want) =>
    flow.verdict === "DROPPED" && (flow.drop_reason_desc ?? "DROP_REASON_UNKNOWN") === want,
  event_type: (flow, want) =>
    flow.event_type !== undefined &&
    ((want.type ?? 0) === 0 || want.type === (flow.event_type.type ?? 0)) &&
    (want.match_sub_type !== true || (want.sub_type ?? 0) === (flow.event_type.sub_type ?? 0)),
  protocol: (flow, want) => {
    const word = (want as string).toLowerCase();
    if (word === "dns" || word === "http" || word === "kafka") return flow.l7?.[word] !== undefined;
    if (word === "icmp") return flow.l4?.ICMPv4 !== undefined || flow.l4?.ICMPv6 !== undefined;
    return flow.l4?.[L4[word]] !== undefined;
  },
  reply: (flow, want) =>
    flow.is_reply === want || (flow.is_reply === undefined && flow.verdict === "DROPPED" && !want),
  http_status_code: (flow, want) => {
    const code = flow.l7?.http?.code ?? 0;
    if (code === 0) return false;
    return want.endsWith("+") ? String(code).startsWith(want.slice(0, -1)) : String(code) === want;
  },
  http_method: (flow, want) =>
    flow.l7?.http !== undefined &&
    (flow.l7.http.method ?? "").toLowerCase() === want.toLowerCase() &&
    want !== "",
  http_path: (flow, want) => {
    const url = flow.l7?.http?.url;
    if (!url) return false;
    const path = URL.canParse(url, "http://x") ? new URL(url, "http://x").pathname : undefined;
    return path !== undefined && new RegExp(want).test(decodeURIComponent(path));
  },
  http_url: (flow, want) => Boolean(flow.l7?.http?.url) && new RegExp(want).test(flow.l7.http.url),
  http_header: (flow, want) =>
    ((flow.l7?.http?.headers ?? []) as Json[]).some(
      (have) => have.key === want.key && (have.value ?? "") === (want.value ?? ""),
    ),
  dns_query: (flow, want) =>
    flow.l7?.dns !== undefined && new RegExp(want).test(flow.l7.dns.query ?? ""),
  tcp_flags: (flow, want) =>
    flow.l4?.TCP?.flags !== undefined &&
    Object.keys(want).every((name) => !want[name] || flow.l4.TCP.flags[name] === true),
  node_name: (flow, want) => {
    if (!flow.node_name) return false;
    const [cluster, node] = flow.node_name.includes("/")
      ? flow.node_name.split("/")
      : ["default", flow.node_name];
    const [c, n] = want.includes("/") ? want.split("/") : ["", want];
    return (c === "" || glob(c, cluster)) && (n === "" || glob(n, node));
  },
  node_labels: (flow, want) => selects(flow.node_labels, want),
  ip_version: (flow, want) => (flow.IP?.ipVersion ?? "IP_NOT_USED") === want,
  trace_id: (flow, want) => (flow.trace_context?.parent?.trace_id ?? "") === want,
  uuid: (flow, want) => flow.uuid === want,
  traffic_direction: (flow, want) =>
    (flow.traffic_direction ?? "TRAFFIC_DIRECTION_UNKNOWN") === want,
  interface: (flow, want) =>
    flow.interface !== undefined &&
    (!want.index || want.index === flow.interface.index) &&
    (!want.name || want.name === flow.interface.name),
  ip_trace_id: (flow, want) => String(flow.ip_trace_id?.trace_id ?? "0") === want,
  encrypted: (flow, want) => (flow.IP?.encrypted === true) === want,
};

export const TWIN_FIELDS: readonly string[] = Object.keys(TESTS);
