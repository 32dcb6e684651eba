import { DROP_REASONS, VERDICTS } from "../enums.gen.js";
import type { TcpFlags } from "../flow.js";
import { RESERVED_IDENTITIES } from "../identities.js";
import { TCP_FLAG_NAMES } from "./condition.js";
import { unsupportedCel } from "./conditions.js";
import { EVENT_TYPES, FLOW_EVENT_TYPES, TRACE_POINTS } from "./event-types.js";
import { FilterError } from "./filter-error.js";
import type { FlagSpec } from "./flags.js";
import type { FlowFilter } from "./flow-filter.js";
import type { Field, FilterTracker } from "./tracker.js";

/** Puts the value of one flag into the filter, as the real CLI does. */
export function applyFlag(tracker: FilterTracker, spec: FlagSpec, value: string): void {
  const base = spec.name.replace(/^(from|to)-/, "");
  if (spec.side !== "flow") {
    if (base === "namespace") tracker.addNamespace(spec.side, value);
    else if (base === "all-namespaces") tracker.addNamespace(spec.side, "");
    else {
      const field = END_FIELDS[base];
      if (field !== undefined) tracker.addEnd(spec.side, field, END_VALUES[base]?.(value) ?? value);
    }
    return;
  }
  const flow = FLOW_FIELDS[spec.name];
  if (flow !== undefined)
    tracker.addFlow(flow.field, flow.value === undefined ? value : flow.value(value));
}

const END_FIELDS: Readonly<Record<string, Field>> = {
  pod: { source: "source_pod", destination: "destination_pod" },
  service: { source: "source_service", destination: "destination_service" },
  workload: { source: "source_workload", destination: "destination_workload" },
  label: { source: "source_label", destination: "destination_label" },
  ip: { source: "source_ip", destination: "destination_ip" },
  fqdn: { source: "source_fqdn", destination: "destination_fqdn" },
  port: { source: "source_port", destination: "destination_port" },
  identity: { source: "source_identity", destination: "destination_identity" },
  cluster: { source: "source_cluster_name", destination: "destination_cluster_name" },
};

const END_VALUES: Readonly<Record<string, (value: string) => unknown>> = {
  workload: workloadOf,
  identity: identityOf,
};

interface FlowField {
  field: keyof FlowFilter;
  value?: (text: string) => unknown;
}

const FLOW_FIELDS: Readonly<Record<string, FlowField>> = {
  verdict: { field: "verdict", value: (text) => nameOf(text, Object.values(VERDICTS), "verdict") },
  "drop-reason-desc": {
    field: "drop_reason_desc",
    value: (text) => nameOf(text, Object.values(DROP_REASONS), "drop reason"),
  },
  type: { field: "event_type", value: eventOf },
  protocol: { field: "protocol" },
  "traffic-direction": { field: "traffic_direction", value: directionOf },
  "snat-ip": { field: "source_ip_xlated" },
  "tcp-flags": { field: "tcp_flags", value: tcpFlagsOf },
  "http-status": { field: "http_status_code" },
  "http-method": { field: "http_method" },
  "http-path": { field: "http_path" },
  "http-url": { field: "http_url" },
  "http-header": { field: "http_header", value: headerOf },
  "dns-query": { field: "dns_query" },
  reply: { field: "reply", value: booleanOf },
  ipv4: { field: "ip_version", value: () => "IPv4" },
  ipv6: { field: "ip_version", value: () => "IPv6" },
  "ip-version": { field: "ip_version", value: ipVersionOf },
  encrypted: { field: "encrypted", value: () => true },
  unencrypted: { field: "encrypted", value: () => false },
  "node-name": { field: "node_name" },
  "node-label": { field: "node_labels" },
  interface: { field: "interface", value: (text) => ({ name: text }) },
  "trace-id": { field: "trace_id" },
  "ip-trace-id": { field: "ip_trace_id" },
  uuid: { field: "uuid" },
  policy: { field: "policy" },
  problem: { field: "problem" },
  "cel-expression": {
    field: "experimental",
    value: () => {
      throw unsupportedCel();
    },
  },
};

function nameOf(text: string, names: readonly string[], what: string): string {
  if (names.includes(text)) return text;
  const upper = text.toUpperCase();
  const hint = names.includes(upper) ? `Write it as ${upper}.` : `Give one of ${shown(names)}.`;
  throw new FilterError(`${JSON.stringify(text)} is not a ${what}`, hint);
}

function shown(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")} …`;
}

function workloadOf(text: string): { name?: string; kind?: string } {
  const slash = text.indexOf("/");
  const kind = slash < 0 ? "" : text.slice(0, slash);
  const name = text.slice(slash + 1);
  return { ...(name === "" ? {} : { name }), ...(kind === "" ? {} : { kind }) };
}

function identityOf(text: string): number {
  for (const [number, name] of Object.entries(RESERVED_IDENTITIES)) {
    if (name === text && name !== "unknown") return Number(number);
  }
  if (/^[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new FilterError(
    `${JSON.stringify(text)} is not a security identity`,
    `Give a number, or one of ${Object.values(RESERVED_IDENTITIES).slice(1).join(", ")}.`,
  );
}

function eventOf(text: string): { type: number; match_sub_type?: boolean; sub_type?: number } {
  const colon = text.indexOf(":");
  const word = colon < 0 ? text : text.slice(0, colon);
  const type = Object.hasOwn(EVENT_TYPES, word) ? EVENT_TYPES[word] : unsigned(word);
  if (type === undefined) {
    throw new FilterError(
      `${JSON.stringify(word)} is not an event type`,
      `Give one of ${FLOW_EVENT_TYPES.join(", ")}, or a number.`,
    );
  }
  if (colon < 0) return { type };
  const sub = text.slice(colon + 1);
  const point =
    type === EVENT_TYPES["trace"] ? (TRACE_POINTS as readonly string[]).indexOf(sub) : -1;
  const subType = point >= 0 ? point : unsigned(sub);
  if (subType === undefined) {
    throw new FilterError(
      `${JSON.stringify(sub)} is not a sub-type of ${word}`,
      word === "trace" ? `Give one of ${TRACE_POINTS.join(", ")}.` : "Give a number.",
    );
  }
  return { type, match_sub_type: true, sub_type: subType };
}

function unsigned(text: string): number | undefined {
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function directionOf(text: string): string {
  const upper = text.toUpperCase();
  if (upper === "INGRESS" || upper === "EGRESS") return upper;
  throw new FilterError(
    `${JSON.stringify(text)} is not a traffic direction`,
    "Give ingress or egress.",
  );
}

function tcpFlagsOf(text: string): TcpFlags {
  const flags: TcpFlags = {};
  for (const word of text.split(",")) {
    const name = TCP_FLAG_NAMES.find((one) => one === word.toUpperCase());
    if (name === undefined) {
      throw new FilterError(
        `${JSON.stringify(word)} is not a TCP flag`,
        `Give some of ${TCP_FLAG_NAMES.join(", ")}, joined by commas.`,
      );
    }
    flags[name] = true;
  }
  return flags;
}

function headerOf(text: string): { key: string; value: string } {
  const colon = text.indexOf(":");
  if (colon < 0)
    throw new FilterError(`${JSON.stringify(text)} is not a header`, "Write it as NAME:VALUE.");
  return { key: text.slice(0, colon), value: text.slice(colon + 1) };
}

function booleanOf(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new FilterError(`${JSON.stringify(text)} is neither true nor false`, "Give true or false.");
}

function ipVersionOf(text: string): string {
  switch (text.toLowerCase()) {
    case "4":
    case "v4":
    case "ip4":
    case "ipv4":
      return "IPv4";
    case "6":
    case "v6":
    case "ip6":
    case "ipv6":
      return "IPv6";
    case "none":
      return "IP_NOT_USED";
    default:
      throw new FilterError(`${JSON.stringify(text)} is not an IP version`, "Give v4, v6 or none.");
  }
}
