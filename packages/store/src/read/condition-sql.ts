import { globRegex, nodeGlobRegex, type Condition } from "@dropscope/model";
import { TCP_FLAGS } from "../schema/flows.js";
import { addressSql } from "./address-sql.js";
import { isPresent, SIDES, type ViewerColumns } from "./columns.js";
import { labelsSql } from "./label-sql.js";
import { nameSql, workloadSql } from "./name-sql.js";
import type { Params } from "./params.js";
import { requestSql } from "./request-sql.js";
import { anchored, and, not, or } from "./sql.js";
import { policySql, problemSql } from "./story-sql.js";

/** What a condition is written for: the viewer's columns and the values of the query. */
export interface SqlContext {
  readonly columns: ViewerColumns;
  readonly params: Params;
  /** What the question says of the time and the batch of its flows, and so of their explanations. */
  readonly span?: string;
}

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
      return labelsSql(column, condition.selectors, params);
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
    case "policy":
      return policySql(condition.names, context);
    case "problem":
      return problemSql(condition.ids, context);
  }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
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
