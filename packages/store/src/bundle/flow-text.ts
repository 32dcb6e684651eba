import { type Flow, formatTimeNs } from "@dropscope/model";
import type { Lookup } from "../read/lookup.js";
import { rebuildFlow } from "../read/rebuild.js";
import { type FlowRecord, FLOW_KEYS, recordOf } from "../read/record.js";
import { PRESENT } from "../schema/flows.js";

/** How flows are written as JSON, in the order that Hubble's tools have. */
export interface FlowWriter {
  /** `"key":value` of one field. */
  readonly field: (key: keyof Flow, value: unknown) => string;
  readonly whole: (flow: Flow) => string;
}

/** Rows as texts; `values` are those of `FLOW_KEYS`. */
export interface FlowTexts {
  /** One line of `hubble observe -o jsonpb`, with its break. */
  readonly lineOf: (values: readonly unknown[]) => string;
  /** With the store's id for a uuid where it has none. */
  readonly flowOf: (values: readonly unknown[]) => Flow;
}

/** Fields that follow from some columns alone, and these columns. */
interface Part {
  readonly fields: readonly (keyof Flow)[];
  readonly columns: readonly (keyof FlowRecord)[];
}

const END = ["endpoint", "identity", "cluster", "namespace", "pod", "workload", "workload_kind"];
const endColumns = (side: "src" | "dst"): (keyof FlowRecord)[] =>
  [...END, "labels"].map((name) => `${side}_${name}` as keyof FlowRecord);

/** In the order of Hubble's JSON; the bits of `present` count for every part. */
const BEFORE_L4: readonly Part[] = [
  {
    fields: ["emitter", "verdict", "drop_reason", "auth_type"],
    columns: ["emitter_name", "emitter_version", "verdict", "drop_reason", "auth_type"],
  },
  { fields: ["ethernet"], columns: ["src_mac", "dst_mac"] },
  { fields: ["IP"], columns: ["src_ip", "dst_ip", "src_ip_xlated", "ip_version"] },
];
const AFTER_L4: readonly Part[] = [
  { fields: ["source"], columns: endColumns("src") },
  { fields: ["destination"], columns: endColumns("dst") },
  { fields: ["Type", "node_name", "node_labels"], columns: ["type", "node", "node_labels"] },
  { fields: ["source_names", "destination_names"], columns: ["src_names", "dst_names"] },
];
const AFTER_L7: readonly Part[] = [
  {
    fields: [
      "reply",
      "event_type",
      "source_service",
      "destination_service",
      "traffic_direction",
      "policy_match_type",
      "trace_observation_point",
      "trace_reason",
    ],
    columns: [
      "event_type",
      "event_sub_type",
      "src_service",
      "src_service_namespace",
      "dst_service",
      "dst_service_namespace",
      "direction",
      "policy_match_type",
      "observation_point",
      "trace_reason",
    ],
  },
  { fields: ["ip_trace_id"], columns: ["ip_trace_id", "ip_trace_option"] },
  {
    fields: ["drop_reason_desc", "is_reply", "debug_capture_point", "interface", "proxy_port"],
    columns: [
      "drop_reason",
      "reply",
      "debug_capture_point",
      "interface_index",
      "interface_name",
      "proxy_port",
    ],
  },
  { fields: ["trace_context"], columns: ["trace_id"] },
  {
    fields: ["sock_xlate_point", "socket_cookie", "cgroup_id"],
    columns: ["sock_xlate_point", "socket_cookie", "cgroup_id"],
  },
  { fields: ["Summary"], columns: ["summary"] },
  {
    fields: ["egress_allowed_by", "ingress_allowed_by", "egress_denied_by", "ingress_denied_by"],
    columns: ["egress_allowed_by", "ingress_allowed_by", "egress_denied_by", "ingress_denied_by"],
  },
  {
    fields: ["policy_log", "aggregate"],
    columns: ["policy_log", "agg_ingress", "agg_egress", "agg_unknown"],
  },
];

/** Texts of a part that are remembered. Pods, nodes and kinds of events are some thousands. */
const MOST_TEXTS = 20_000;

const COLUMN = new Map(FLOW_KEYS.map((name, at) => [name, at]));
const at = (name: keyof FlowRecord): number => COLUMN.get(name) as number;
const [TIME, UUID, SET, REST, PROTOCOL, NODE] = (
  ["time_ns", "uuid", "present", "rest", "protocol", "node"] as const
).map(at) as [number, number, number, number, number, number];
const [SOURCE_PORT, DESTINATION_PORT, FLAGS] = (["src_port", "dst_port", "tcp_flags"] as const).map(
  at,
) as [number, number, number];

type Values = readonly unknown[];

/** A row as it is being told; the flow is rebuilt only where a text is not known yet. */
interface Telling {
  readonly values: Values;
  flow?: Flow;
}

/**
 * Writes rows as the JSON of their flows, without making the flows: the ends, the node and the kind
 * of an event come again and again, so their texts are remembered by the columns that they follow
 * from. The text is the one that the fields of the rebuilt flow have.
 */
export function createFlowTexts(lookup: Lookup, { field, whole }: FlowWriter): FlowTexts {
  const flowOf = (values: Values): Flow => rebuildFlow(recordOf(values), lookup);

  const fieldsOf = (told: Telling, fields: readonly (keyof Flow)[]): string => {
    const flow = (told.flow ??= flowOf(told.values));
    let text = "";
    for (const name of fields) if (flow[name] !== undefined) text += `,${field(name, flow[name])}`;
    return text;
  };

  const remembered = ({ fields, columns }: Part): ((told: Telling) => string) => {
    const places = [SET, ...columns.map(at)];
    const texts = new Map<string, string>();
    let before: { readonly values: Values; readonly text: string } | undefined;
    return (told) => {
      const { values } = told;
      // Much of a flow is that of the flow before; a key takes longer to make than to see that.
      if (before !== undefined && isSame(values, before.values, places)) return before.text;
      let key = "";
      for (const place of places) key += `\0${keyOf(values[place])}`;
      let text = texts.get(key);
      if (text === undefined) {
        text = fieldsOf(told, fields);
        if (texts.size >= MOST_TEXTS) texts.clear();
        texts.set(key, text);
      }
      before = { values, text };
      return text;
    };
  };

  /** What stands around the two ports, by protocol and flags: ports are never the same. */
  const frames = new Map<string, readonly [string, string, string]>();
  const layer4 = (told: Telling): string => {
    const { values } = told;
    const protocol = values[PROTOCOL] as string;
    const [source, destination] = [values[SOURCE_PORT], values[DESTINATION_PORT]];
    const hasPorts = protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
    if (!hasPorts || source === 0 || destination === 0) return fieldsOf(told, ["l4"]);
    const key = `${protocol} ${String(values[FLAGS])} ${values[SET] as string}`;
    let frame = frames.get(key);
    if (frame === undefined) {
      const text = fieldsOf(told, ["l4"]);
      const [head = "", ...tail] = text.split(`"source_port":${String(source)}`);
      const [middle = "", end = ""] = tail
        .join("")
        .split(`"destination_port":${String(destination)}`);
      frame = [`${head}"source_port":`, `${middle}"destination_port":`, end];
      frames.set(key, frame);
    }
    return `${frame[0]}${String(source)}${frame[1]}${String(destination)}${frame[2]}`;
  };

  const before = BEFORE_L4.map(remembered);
  const after = AFTER_L4.map(remembered);
  const last = AFTER_L7.map(remembered);
  const bits = createBits();
  const clock = createClock();

  const textOf = (values: Values): string => {
    const told: Telling = { values };
    const { hasTime, hasLayer4, hasLayer7 } = bits(values[SET] as string);
    const time = hasTime ? `"time":"${clock(values[TIME] as string)}",` : "";
    let text = `${time}"uuid":"${values[UUID] as string}"`;
    for (const part of before) text += part(told);
    if (hasLayer4) text += layer4(told);
    for (const part of after) text += part(told);
    if (hasLayer7) text += fieldsOf(told, ["l7"]);
    for (const part of last) text += part(told);
    return `{${text}}`;
  };

  const nodes = new Map<string, string>();
  const nodeText = (node: string): string => {
    if (node === "") return "";
    let text = nodes.get(node);
    if (text === undefined) {
      if (nodes.size >= MOST_TEXTS) nodes.clear();
      nodes.set(node, (text = `,${field("node_name", node)}`));
    }
    return text;
  };

  const identified = (values: Values): Flow => ({
    ...flowOf(values),
    uuid: values[UUID] as string,
  });

  /** What no column could hold may change any field, the time of the flow too. */
  const wholeLine = (values: Values): string => {
    const flow = identified(values);
    const { node_name: node, time } = flow;
    const named = node === undefined ? "" : `,${field("node_name", node)}`;
    const timed = time === undefined ? "" : `,${field("time", time)}`;
    return `{"flow":${whole(flow)}${named}${timed}}\n`;
  };

  const plainLine = (values: Values): string => {
    const { hasTime } = bits(values[SET] as string);
    const time = hasTime ? `,"time":"${clock(values[TIME] as string)}"` : "";
    return `{"flow":${textOf(values)}${nodeText(values[NODE] as string)}${time}}\n`;
  };

  return {
    flowOf: identified,
    lineOf: (values) => (values[REST] === "" ? plainLine(values) : wholeLine(values)),
  };
}

/** Lists that hold anything count as different: they are told apart by their keys. */
function isSame(one: Values, other: Values, places: readonly number[]): boolean {
  for (const place of places) {
    const [value, known] = [one[place], other[place]];
    if (value === known) continue;
    const areEmpty =
      Array.isArray(value) && Array.isArray(known) && value.length === 0 && known.length === 0;
    if (!areEmpty) return false;
  }
  return true;
}

/** Lists are told apart by more than their commas. */
function keyOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.length === 0 ? "" : JSON.stringify(value);
}

interface Bits {
  readonly hasTime: boolean;
  readonly hasLayer4: boolean;
  readonly hasLayer7: boolean;
}

/** There are some dozens of them, and taking a number of 64 bits apart is slow. */
function createBits(): (present: string) => Bits {
  const known = new Map<string, Bits>();
  return (present) => {
    let bits = known.get(present);
    if (bits === undefined) {
      const set = BigInt(present);
      bits = {
        hasTime: (set & PRESENT.time) !== 0n,
        hasLayer4: (set & PRESENT.l4) !== 0n,
        hasLayer7: (set & PRESENT.l7) !== 0n,
      };
      known.set(present, bits);
    }
    return bits;
  };
}

/** Times come in order, so the second is mostly that of the flow before. */
function createClock(): (ns: string) => string {
  let second = "";
  let prefix = "";
  return (ns) => {
    if (ns.length < 10 || ns.startsWith("-")) return formatTimeNs(BigInt(ns));
    const whole = ns.slice(0, -9);
    if (whole !== second) {
      second = whole;
      prefix = formatTimeNs(BigInt(whole) * 1_000_000_000n).slice(0, -1);
    }
    const fraction = ns.slice(-9);
    if (fraction === "000000000") return `${prefix}Z`;
    const digits = fraction.endsWith("000000")
      ? fraction.slice(0, 3)
      : fraction.endsWith("000")
        ? fraction.slice(0, 6)
        : fraction;
    return `${prefix}.${digits}Z`;
  };
}
