import {
  formatAddress,
  globRegex,
  isNegative,
  isV4,
  labelsMatch,
  nodeGlobRegex,
  requirementRegex,
  type AddressRange,
  type Condition,
  type LabelSelector,
} from "@dropscope/model";
import { TCP_FLAGS } from "../schema/flows.js";
import { isPresent, type Side, type ViewerColumns } from "./columns.js";
import type { Params } from "./params.js";
import { and, not, or } from "./sql.js";

/** What a condition is written for: the viewer's columns and the values of the query. */
export interface SqlContext {
  readonly columns: ViewerColumns;
  readonly params: Params;
}

const SIDES = { source: "src", destination: "dst" } as const;

/** One condition of a filter as an expression over `flows`; the twin of the model's matcher. */
export function conditionSql(condition: Condition, context: SqlContext): string {
  const { columns, params } = context;
  switch (condition.on) {
    case "address": {
      const side = condition.end === "translated" ? "src" : SIDES[condition.end];
      const column = condition.end === "translated" ? "src_ip_xlated" : (`${side}_ip` as const);
      const bit = ({ src_ip: "srcIp", dst_ip: "dstIp", src_ip_xlated: "srcIpXlated" } as const)[
        column
      ];
      return and([
        columns.inScope(side),
        addressSql(column, isPresent(bit), condition.ranges, params),
      ]);
    }
    case "pod":
    case "service":
      return nameSql(condition, context);
    case "workload": {
      const side = SIDES[condition.end];
      return and([columns.inScope(side), workloadSql(side, condition.workloads, params)]);
    }
    case "fqdn": {
      const side = SIDES[condition.end];
      const pattern = anchored(condition.globs.map(globRegex));
      return and([
        columns.inScope(side),
        `arrayExists(name -> match(name, ${params.add("String", pattern)}), ${side}_names)`,
      ]);
    }
    case "labels": {
      const column =
        condition.end === "node" ? "node_labels" : columns.of(SIDES[condition.end], "labels", "0");
      return or(condition.selectors.map((selector) => labelSql(column, selector, params)));
    }
    case "identity": {
      const side = SIDES[condition.end];
      const column = columns.of(side, "identity", "0");
      return and([
        isPresent(condition.end),
        `has(${params.add("Array(UInt32)", condition.values)}, ${column})`,
      ]);
    }
    case "port":
      return and([
        "protocol IN ('TCP', 'UDP', 'SCTP')",
        `has(${params.add("Array(UInt16)", condition.values)}, ${SIDES[condition.end]}_port)`,
      ]);
    case "cluster": {
      const side = SIDES[condition.end];
      const pattern = anchored(condition.globs.map(globRegex));
      return and([
        columns.inScope(side),
        `${side}_cluster != ''`,
        `match(${side}_cluster, ${params.add("String", pattern)})`,
      ]);
    }
    case "verdict":
      return `verdict IN ${params.add("Array(UInt32)", condition.values)}`;
    case "reason":
      return and([
        "verdict = 2",
        "kept_long = 1",
        `drop_reason IN ${params.add("Array(UInt32)", condition.values)}`,
      ]);
    case "direction":
      return `direction IN ${params.add("Array(UInt32)", condition.values)}`;
    case "ip-version":
      return `ip_version IN ${params.add("Array(UInt32)", condition.values)}`;
    case "event":
      return and([isPresent("eventType"), eventSql(condition.types, params)]);
    case "protocol":
      return protocolSql(condition, context);
    case "reply":
      return or(
        condition.values.map((value) =>
          value ? "reply = 'yes'" : "(reply = 'no' OR (reply = 'unknown' AND verdict = 2))",
        ),
      );
    case "encrypted":
      return or(
        condition.values.map((value) =>
          value ? isPresent("ipEncrypted") : not(isPresent("ipEncrypted")),
        ),
      );
    case "tcp-flags":
      return and([
        isPresent("tcpFlags"),
        or(
          condition.masks.map((mask) => {
            const bits = mask.reduce((sum, name) => sum | TCP_FLAGS[name], 0);
            const placed = params.add("UInt16", bits);
            return `bitAnd(tcp_flags, ${placed}) = ${placed}`;
          }),
        ),
      ]);
    case "http-status":
    case "http-method":
    case "http-path":
    case "http-url":
    case "http-header":
    case "dns-query":
      return columns.seesL7 ? requestSql(condition, params) : "0";
    case "node":
      return and([
        "node != ''",
        `match(if(position(node, '/') = 0, concat('default/', node), node), ${params.add("String", anchored(condition.globs.map(nodeGlobRegex)))})`,
      ]);
    case "trace-id": {
      const column = columns.seesL7 ? "trace_id" : `if(${isPresent("l7")}, '', trace_id)`;
      return `has(${params.add("Array(String)", condition.values)}, ${column})`;
    }
    case "uuid": {
      const known = condition.values.filter(isUuid);
      return known.length === 0 ? "0" : `uuid IN ${params.add("Array(UUID)", known)}`;
    }
    case "interface":
      return and([
        isPresent("interface"),
        or(
          condition.interfaces.map((want) =>
            and([
              want.index === 0 ? "1" : `interface_index = ${params.add("UInt32", want.index)}`,
              want.name === "" ? "1" : `interface_name = ${params.add("String", want.name)}`,
            ]),
          ),
        ),
      ]);
    case "ip-trace-id":
      return `ip_trace_id IN ${params.add("Array(UInt64)", condition.values)}`;
  }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Go's regular expressions do not let `.` match a line feed; ClickHouse's do. */
function goRegex(pattern: string): string {
  return `(?-s)${pattern}`;
}

function anchored(patterns: readonly string[]): string {
  return `^(?:${patterns.join("|")})$`;
}

/** `::` in the column also means "no address": then the bit decides. */
function addressSql(
  column: string,
  isSet: string,
  ranges: readonly AddressRange[],
  params: Params,
): string {
  const ip = (address: bigint): string => params.add("IPv6", ipv6Text(address));
  const tests = ranges.map((range) => {
    if (range.first === range.last)
      return and([`${column} = ${ip(range.first)}`, range.first === 0n ? isSet : "1"]);
    const inside = [`${column} >= ${ip(range.first)}`, `${column} <= ${ip(range.last)}`];
    const v4Inside = !isV4(range.first) && range.first <= V4_FIRST && range.last >= V4_FIRST;
    if (v4Inside) inside.push(`NOT (${column} >= ${ip(V4_FIRST)} AND ${column} <= ${ip(V4_LAST)})`);
    return and([...inside, range.first === 0n ? isSet : "1"]);
  });
  return or(tests);
}

const V4_FIRST = 0xffffn << 32n;
const V4_LAST = V4_FIRST | 0xffffffffn;

function ipv6Text(address: bigint): string {
  return isV4(address) ? `::ffff:${formatAddress(address)}` : formatAddress(address);
}

function nameSql(
  condition: Extract<Condition, { on: "pod" | "service" }>,
  context: SqlContext,
): string {
  const { columns, params } = context;
  const side = SIDES[condition.end];
  const service = condition.on === "service";
  const namespace = service ? `${side}_service_namespace` : `${side}_namespace`;
  const name = service ? `${side}_service` : columns.of(side, "pod", "''");
  const tests = condition.names.map((want) =>
    and([
      want.namespace === ""
        ? `(${namespace} != '' OR ${name} != '')`
        : `${namespace} = ${params.add("String", want.namespace)}`,
      want.prefix === "" ? "1" : `startsWith(${name}, ${params.add("String", want.prefix)})`,
    ]),
  );
  return and([service ? columns.serviceInScope(side) : "1", or(tests)]);
}

/** The first workload has columns; an endpoint with more of them has the whole list in `rest`. */
function workloadSql(
  side: Side,
  workloads: readonly { name: string; kind: string }[],
  params: Params,
): string {
  const test = (name: string, kind: string): string =>
    or(
      workloads.map((want) =>
        and([
          want.name === "" ? "1" : `${name} = ${params.add("String", want.name)}`,
          want.kind === "" ? "1" : `${kind} = ${params.add("String", want.kind)}`,
        ]),
      ),
    );
  const end = side === "src" ? "source" : "destination";
  const listed = `JSONExtract(rest, '${end}', 'workloads', 'Array(Tuple(name String, kind String))')`;
  return or([
    and([
      isPresent(side === "src" ? "srcWorkload" : "dstWorkload"),
      test(`${side}_workload`, `${side}_workload_kind`),
    ]),
    and(["rest != ''", `arrayExists(w -> ${test("w.1", "w.2")}, ${listed})`]),
  ]);
}

/** Flows carry the key of a label set; the sets that fit are looked up in `identities`. */
function labelSql(column: string, selector: LabelSelector, params: Params): string {
  const tests = selector.requirements.map((need) => {
    const found = `arrayExists(label -> match(label, ${params.add("String", requirementRegex(need))}), labels)`;
    return isNegative(need) ? `NOT ${found}` : found;
  });
  const fits = `${column} IN (SELECT key FROM identities WHERE ${and(tests)})`;
  return or([labelsMatch(selector, []) ? `${column} = 0` : "0", fits]);
}

function eventSql(types: Extract<Condition, { on: "event" }>["types"], params: Params): string {
  return or(
    types.map((want) =>
      and([
        want.type === 0 ? "1" : `event_type = ${params.add("Int32", want.type)}`,
        want.subType === undefined ? "1" : `event_sub_type = ${params.add("Int32", want.subType)}`,
      ]),
    ),
  );
}

function protocolSql(
  condition: Extract<Condition, { on: "protocol" }>,
  { columns }: SqlContext,
): string {
  const l4 = condition.l4.map((name) => `protocol = '${name}'`);
  const l7 = columns.seesL7
    ? condition.l7.map((name) =>
        name === "kafka"
          ? "(rest != '' AND JSONHas(rest, 'l7', 'kafka'))"
          : `l7_protocol = '${name}'`,
      )
    : [];
  return or([...l4, ...l7]);
}

type RequestCondition = Extract<Condition, { on: `http-${string}` | "dns-query" }>;

/** The part of a URL that `urlPath` of the model gives. */
const URL_PATH =
  "decodeURLComponent(extract(http_url, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?]*)?(/[^?]*)'))";
const URL_IS_ONE = "match(http_url, '^(?:/|[A-Za-z][A-Za-z0-9+.-]*://)')";

function requestSql(condition: RequestCondition, params: Params): string {
  switch (condition.on) {
    case "http-status": {
      const text = "leftPad(toString(http_code), 3, '0')";
      return and([
        "l7_protocol = 'http'",
        "http_code != 0",
        or([
          condition.exact.length === 0
            ? "0"
            : `http_code IN ${params.add("Array(UInt32)", condition.exact)}`,
          ...condition.prefixes.map(
            (prefix) => `startsWith(${text}, ${params.add("String", prefix)})`,
          ),
        ]),
      ]);
    }
    case "http-method":
      return and([
        "l7_protocol = 'http'",
        "http_method != ''",
        `has(${params.add("Array(String)", condition.values)}, lowerUTF8(http_method))`,
      ]);
    case "http-header":
      return and([
        "l7_protocol = 'http'",
        or(
          condition.headers.map(
            (want) =>
              `arrayExists((k, v) -> k = ${params.add("String", want.key)} AND v = ${params.add("String", want.value)}, http_header_names, http_header_values)`,
          ),
        ),
      ]);
    case "http-url":
      return and([
        "l7_protocol = 'http'",
        "http_url != ''",
        anyMatch("http_url", condition.patterns, params),
      ]);
    case "http-path":
      return and([
        "l7_protocol = 'http'",
        URL_IS_ONE,
        anyMatch(URL_PATH, condition.patterns, params),
      ]);
    case "dns-query":
      return and(["l7_protocol = 'dns'", anyMatch("dns_query", condition.patterns, params)]);
  }
}

/** The second test is a constant: a bad pattern is found even when no row comes to be matched. */
function anyMatch(text: string, patterns: readonly string[], params: Params): string {
  const placed = patterns.map((pattern) => params.add("String", goRegex(pattern)));
  return and([
    or(placed.map((pattern) => `match(${text}, ${pattern})`)),
    ...placed.map((pattern) => `match('', ${pattern}) >= 0`),
  ]);
}
