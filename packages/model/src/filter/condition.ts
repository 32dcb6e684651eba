import type { AddressRange } from "../addresses.js";
import type { Glob, NodeGlob, PolicyGlob } from "./globs.js";
import type { LabelSelector } from "./labels.js";

export type End = "source" | "destination";

/** `namespace/prefix`; an empty part means any. */
export interface NamePrefix {
  readonly namespace: string;
  readonly prefix: string;
}

/**
 * One field of a FlowFilter, checked and parsed: a flow passes when it matches any of the
 * values. The matcher of the model and the SQL of the store both start here, so they take
 * and refuse the same filters.
 */
export type Condition =
  | { on: "address"; end: End | "translated"; ranges: readonly AddressRange[] }
  | { on: "pod" | "service"; end: End; names: readonly NamePrefix[] }
  | { on: "workload"; end: End; workloads: readonly { name: string; kind: string }[] }
  | { on: "fqdn"; end: End; globs: readonly Glob[] }
  | { on: "labels"; end: End | "node"; selectors: readonly LabelSelector[] }
  | { on: "identity"; end: End; values: readonly number[] }
  | { on: "port"; end: End; values: readonly number[] }
  | { on: "cluster"; end: End; globs: readonly Glob[] }
  | { on: "verdict" | "reason" | "direction" | "ip-version"; values: readonly number[] }
  | { on: "event"; types: readonly EventMatch[] }
  | { on: "protocol"; l4: readonly L4Name[]; l7: readonly ("dns" | "http" | "kafka")[] }
  | { on: "reply" | "encrypted"; values: readonly boolean[] }
  | { on: "tcp-flags"; masks: readonly (readonly TcpFlag[])[] }
  | { on: "http-status"; exact: readonly number[]; prefixes: readonly string[] }
  | { on: "http-method"; values: readonly string[] }
  /** RE2, over the part of the flow that is named. */
  | { on: "http-path" | "http-url" | "dns-query"; patterns: readonly string[] }
  | { on: "http-header"; headers: readonly { key: string; value: string }[] }
  | { on: "node"; globs: readonly NodeGlob[] }
  | { on: "trace-id" | "uuid"; values: readonly string[] }
  | { on: "interface"; interfaces: readonly { index: number; name: string }[] }
  | { on: "ip-trace-id"; values: readonly bigint[] }
  /** Named by the data path on the flow, or held responsible by its explanation. */
  | { on: "policy"; names: readonly PolicyGlob[] }
  /** 16 hexadecimal digits each. */
  | { on: "problem"; ids: readonly string[] };

export interface EventMatch {
  /** 0 means any. */
  readonly type: number;
  /** Absent: any. */
  readonly subType?: number;
}

export const L4_NAMES = ["TCP", "UDP", "ICMPv4", "ICMPv6", "SCTP", "VRRP", "IGMP"] as const;
export type L4Name = (typeof L4_NAMES)[number];

export const TCP_FLAG_NAMES = [
  "FIN",
  "SYN",
  "RST",
  "PSH",
  "ACK",
  "URG",
  "ECE",
  "CWR",
  "NS",
] as const;
export type TcpFlag = (typeof TCP_FLAG_NAMES)[number];
