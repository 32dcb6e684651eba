import { parseRange, type AddressRange } from "../addresses.js";
import { enumNumber, type EnumTable } from "../enum-names.js";
import { DROP_REASONS, IP_VERSIONS, TRAFFIC_DIRECTIONS, VERDICTS } from "../enums.gen.js";
import type { EnumName } from "../flow.js";
import {
  TCP_FLAG_NAMES,
  type Condition,
  type End,
  type L4Name,
  type NamePrefix,
} from "./condition.js";
import { EVENT } from "./event-types.js";
import { FilterError } from "./filter-error.js";
import type { FlowFilter } from "./flow-filter.js";
import { parseGlob, parseNodeGlob, parsePolicyGlob } from "./globs.js";
import { labelsCondition } from "./labels-condition.js";

/**
 * Checks a filter and takes it apart; a flow must pass every condition.
 * @throws FilterError for values that mean nothing and for what is not supported.
 */
export function conditionsOf(filter: FlowFilter): Condition[] {
  const found: Condition[] = [];
  const take = <T>(
    values: readonly T[] | undefined,
    build: (values: readonly T[]) => Condition,
  ): void => {
    if (values !== undefined && values.length > 0) found.push(build(values));
  };
  if ((filter.experimental?.cel_expression?.length ?? 0) > 0) throw unsupportedCel();
  take(filter.uuid, (values) => ({
    on: "uuid",
    values: values.map((value) => value.toLowerCase()),
  }));
  take(filter.event_type, (types) => ({
    on: "event",
    types: types.map((type) => ({
      type: type.type ?? 0,
      ...(type.match_sub_type === true ? { subType: type.sub_type ?? 0 } : {}),
    })),
  }));
  take(filter.verdict, (values) => ({
    on: "verdict",
    values: numbersOf(VERDICTS, values, "verdict"),
  }));
  take(filter.drop_reason_desc, (values) => ({
    on: "reason",
    values: numbersOf(DROP_REASONS, values, "drop reason"),
  }));
  take(filter.reply, (values) => ({ on: "reply", values }));
  take(filter.encrypted, (values) => ({ on: "encrypted", values }));
  take(filter.protocol, protocols);
  take(filter.source_ip_xlated, (values) => ({
    on: "address",
    end: "translated",
    ranges: values.map(rangeOf),
  }));
  for (const end of ["source", "destination"] as const) ofEnd(filter, end, take);
  take(filter.node_labels, (values) => labelsCondition("node", values));
  take(filter.http_status_code, (values) => httpStatus(values, filter));
  take(filter.http_method, (values) => ({
    on: "http-method",
    values: values.map((value) => value.toLowerCase()),
  }));
  take(filter.http_path, (patterns) => ({ on: "http-path", patterns }));
  take(filter.http_url, (patterns) => ({ on: "http-url", patterns }));
  take(filter.http_header, (headers) => ({
    on: "http-header",
    headers: headers.map((header) => ({ key: header.key ?? "", value: header.value ?? "" })),
  }));
  take(filter.dns_query, (patterns) => ({ on: "dns-query", patterns }));
  take(filter.tcp_flags, (flags) => ({
    on: "tcp-flags",
    masks: flags.map((mask) => TCP_FLAG_NAMES.filter((name) => mask[name] === true)),
  }));
  take(filter.node_name, (values) => ({ on: "node", globs: values.map(parseNodeGlob) }));
  take(filter.ip_version, (values) => ({
    on: "ip-version",
    values: numbersOf(IP_VERSIONS, values, "IP version"),
  }));
  take(filter.trace_id, (values) => ({ on: "trace-id", values }));
  take(filter.traffic_direction, (values) => ({
    on: "direction",
    values: numbersOf(TRAFFIC_DIRECTIONS, values, "traffic direction"),
  }));
  take(filter.interface, (values) => ({
    on: "interface",
    interfaces: values.map((one) => ({ index: one.index ?? 0, name: one.name ?? "" })),
  }));
  take(filter.ip_trace_id, (values) => ({ on: "ip-trace-id", values: values.map(ipTraceId) }));
  take(filter.policy, (values) => ({ on: "policy", names: values.map(parsePolicyGlob) }));
  take(filter.problem, (values) => ({ on: "problem", ids: values.map(problemId) }));
  return found;
}

type Take = <T>(
  values: readonly T[] | undefined,
  build: (values: readonly T[]) => Condition,
) => void;

function ofEnd(filter: FlowFilter, end: End, take: Take): void {
  const of = <K extends string>(name: K): `${End}_${K}` => `${end}_${name}`;
  take(filter[of("identity")], (values) => ({ on: "identity", end, values }));
  take(filter[of("ip")], (values) => ({ on: "address", end, ranges: values.map(rangeOf) }));
  take(filter[of("pod")], (values) => ({
    on: "pod",
    end,
    names: values.map((value) => prefixOf(value, "pod")),
  }));
  take(filter[of("service")], (values) => ({
    on: "service",
    end,
    names: values.map((value) => prefixOf(value, "service")),
  }));
  take(filter[of("workload")], (values) => ({
    on: "workload",
    end,
    workloads: values.map((one) => ({ name: one.name ?? "", kind: one.kind ?? "" })),
  }));
  take(filter[of("fqdn")], (values) => ({
    on: "fqdn",
    end,
    globs: values.map((value) => parseGlob(value, "DNS name")),
  }));
  take(filter[of("label")], (values) => labelsCondition(end, values));
  take(filter[of("port")], (values) => ({ on: "port", end, values: values.map(portOf) }));
  take(filter[of("cluster_name")], (values) => ({
    on: "cluster",
    end,
    globs: values.map((value) => parseGlob(value, "cluster name")),
  }));
}

function numbersOf(table: EnumTable, values: readonly EnumName[], what: string): number[] {
  return values.map((value) => {
    const number = enumNumber(table, value);
    if (number === undefined) {
      throw new FilterError(
        `${JSON.stringify(value)} is not a ${what}`,
        `Give one of ${Object.values(table).slice(0, 12).join(", ")}${Object.keys(table).length > 12 ? " …" : ""}.`,
      );
    }
    return number;
  });
}

function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) {
    throw new FilterError(
      `${JSON.stringify(text)} is not an IP address or CIDR`,
      "Give an address (10.0.0.1, fd00::1) or a CIDR (10.0.0.0/8, fd00::/8).",
    );
  }
  return range;
}

/** Without a namespace the real server takes "default"; with an empty one, any. */
function prefixOf(text: string, what: string): NamePrefix {
  const slash = text.indexOf("/");
  if (text === "") {
    throw new FilterError(
      `an empty ${what} name matches nothing`,
      `Give [NAMESPACE/]${what.toUpperCase()}, or /${what.toUpperCase()} for any namespace.`,
    );
  }
  if (slash < 0) return { namespace: "default", prefix: text };
  return { namespace: text.slice(0, slash), prefix: text.slice(slash + 1) };
}

function portOf(text: string): number {
  if (!/^[0-9]{1,5}$/.test(text) || Number(text) > 65535) {
    throw new FilterError(
      `${JSON.stringify(text)} is not a port`,
      "Give a number from 0 to 65535.",
    );
  }
  return Number(text);
}

const L4_BY_WORD: Readonly<Record<string, readonly L4Name[]>> = {
  icmp: ["ICMPv4", "ICMPv6"],
  icmpv4: ["ICMPv4"],
  icmpv6: ["ICMPv6"],
  tcp: ["TCP"],
  udp: ["UDP"],
  sctp: ["SCTP"],
  vrrp: ["VRRP"],
  igmp: ["IGMP"],
};

export const PROTOCOL_WORDS = [...Object.keys(L4_BY_WORD), "dns", "http", "kafka"] as const;

function protocols(values: readonly string[]): Condition {
  const l4 = new Set<L4Name>();
  const l7 = new Set<"dns" | "http" | "kafka">();
  for (const value of values) {
    const word = value.toLowerCase();
    const names = Object.hasOwn(L4_BY_WORD, word) ? L4_BY_WORD[word] : undefined;
    if (word === "dns" || word === "http" || word === "kafka") l7.add(word);
    else if (names !== undefined) for (const name of names) l4.add(name);
    else {
      throw new FilterError(
        `${JSON.stringify(value)} is not a protocol`,
        `Give one of ${PROTOCOL_WORDS.join(", ")}.`,
      );
    }
  }
  return { on: "protocol", l4: [...l4], l7: [...l7] };
}

function httpStatus(values: readonly string[], filter: FlowFilter): Condition {
  const types = filter.event_type ?? [];
  if (types.length > 0 && !types.some((type) => type.type === EVENT.l7)) {
    throw new FilterError(
      "a filter by HTTP status needs the event type l7",
      "Take the event type out, or add --type l7.",
    );
  }
  const exact: number[] = [];
  const prefixes: string[] = [];
  for (const value of values) {
    if (/^[1-5][0-9]{2}$/.test(value)) exact.push(Number(value));
    else if (/^[1-5][0-9]?\+$/.test(value)) prefixes.push(value.slice(0, -1));
    else {
      throw new FilterError(
        `${JSON.stringify(value)} is not an HTTP status`,
        "Give a code (404) or the beginning of one with a plus (5+).",
      );
    }
  }
  return { on: "http-status", exact, prefixes };
}

function ipTraceId(text: string): bigint {
  if (!/^[0-9]{1,20}$/.test(text) || BigInt(text) === 0n || BigInt(text) >= 1n << 64n) {
    throw new FilterError(
      `${JSON.stringify(text)} is not an IP trace id`,
      "Give a number greater than 0.",
    );
  }
  return BigInt(text);
}

function problemId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw new FilterError(
    `${JSON.stringify(text)} is not the id of a problem`,
    "Give its 16 hexadecimal digits, as `dropscope problems` and the page's address show them.",
  );
}

export function unsupportedCel(): FilterError {
  return new FilterError(
    "CEL expressions (experimental.cel_expression) are not supported",
    "Use the other filters; together they express most conditions.",
    { code: "FILTER_UNSUPPORTED" },
  );
}
