import type { Wire } from "@dropscope/hubble";
import { PRESENT, type FlowBlock } from "@dropscope/store";
import { Columns, key64 } from "./columns.js";
import { createEndpoints } from "./endpoint.js";
import { createLayer7 } from "./l7.js";
import { createPolicies, type KnownPolicies } from "./policies.js";
import { putCoded, putInt32, putNumber, putStrings, putText, putTexts, putWords } from "./put.js";
import { bytes, varint } from "./tags.js";
import type { ValueTexts } from "./texts.js";

/** All bits lie in the low half. */
const HAS = Object.fromEntries(
  Object.entries(PRESENT).map(([name, bit]) => [name, Number(bit)]),
) as Record<keyof typeof PRESENT, number>;

const TCP = 1;
const ICMP = new Set([3, 4]);
const PORTS = new Set([1, 2, 5]);

/** Writes rows of one block as observer.GetFlowsResponse, in the order of the field numbers. */
export function createRowWriter(
  block: FlowBlock,
  texts: ValueTexts,
  policies: KnownPolicies,
): (wire: Wire, row: number) => void {
  const c = new Columns(block);
  const present = c.words("present");
  const times = c.words("time_ns");
  const seconds = createSeconds(times);
  const number = Object.fromEntries(NUMBERS.map((name) => [name, c.numbers(name)])) as Record<
    (typeof NUMBERS)[number],
    ReturnType<Columns["numbers"]>
  >;
  const has = (row: number, bit: number): boolean => ((present[2 * row] as number) & bit) !== 0;
  const source = createEndpoints(c, "src", (row) => has(row, HAS.srcWorkload));
  const destination = createEndpoints(c, "dst", (row) => has(row, HAS.dstWorkload));
  const layer7 = createLayer7(c);
  const [srcMac, dstMac] = [c.words("src_mac"), c.words("dst_mac")];
  const addresses = (["src_ip", "dst_ip", "src_ip_xlated"] as const).map((name) => c.sixteen(name));
  const [node, interfaceName] = [c.coded("node"), c.coded("interface_name")];
  const [srcNames, dstNames] = [c.lists("src_names"), c.lists("dst_names")];
  const services = (["src", "dst"] as const).map((side) => ({
    name: c.coded(`${side}_service`),
    namespace: c.coded(`${side}_service_namespace`),
  }));
  const traceId = c.texts("trace_id");
  const [cookie, cgroup, ipTrace] = [
    c.words("socket_cookie"),
    c.words("cgroup_id"),
    c.words("ip_trace_id"),
  ];
  const uuid = c.sixteen("uuid");
  const nodeLabels = c.words("node_labels");
  const [emitter, emitterVersion] = [c.coded("emitter_name"), c.coded("emitter_version")];
  const named = POLICIES.map(
    ([name, field]) => [createPolicies(c, name, policies), field] as const,
  );
  const log = c.lists("policy_log");
  const summary = c.texts("summary");

  const putTime = (wire: Wire, field: number, row: number): void => {
    const mark = wire.open(bytes(field));
    const { whole, nanos } = seconds(row);
    if (whole !== 0) wire.varint(varint(1), whole);
    if (nanos !== 0) wire.varint(varint(2), nanos);
    wire.close(mark);
  };
  const putAddress = (wire: Wire, field: number, which: number, row: number, bit: number): void => {
    const text = texts.address(addresses[which] as Uint8Array, row);
    if (text !== undefined) wire.delimited(bytes(field), text, 0, text.length);
    else if (has(row, bit)) wire.string(bytes(field), "::");
  };
  const putLayer4 = (wire: Wire, row: number): void => {
    const mark = wire.open(bytes(6));
    const protocol = number.protocol[row] as number;
    if (protocol !== 0) {
      const inner = wire.open(bytes(protocol));
      if (PORTS.has(protocol)) {
        putNumber(wire, 1, number.src_port[row] as number);
        putNumber(wire, 2, number.dst_port[row] as number);
      } else if (ICMP.has(protocol)) {
        putNumber(wire, 1, number.icmp_type[row] as number);
        putNumber(wire, 2, number.icmp_code[row] as number);
      }
      if (protocol === TCP && has(row, HAS.tcpFlags)) {
        const flags = wire.open(bytes(3));
        const set = number.tcp_flags[row] as number;
        // Bit i of the column is field i + 1 of the message.
        for (let bit = 0; bit < 9; bit++)
          if ((set & (1 << bit)) !== 0) wire.varint(varint(bit + 1), 1);
        wire.close(flags);
      }
      wire.close(inner);
    }
    wire.close(mark);
  };
  const putPair = (wire: Wire, field: number, first: (wire: Wire) => void): void => {
    const mark = wire.open(bytes(field));
    first(wire);
    wire.close(mark);
  };
  const putLower = (wire: Wire, row: number): void => {
    if (has(row, HAS.time)) putTime(wire, 1, row);
    putInt32(wire, 2, number.verdict[row] as number);
    if (has(row, HAS.dropReasonNumber)) putNumber(wire, 3, number.drop_reason[row] as number);
    if (has(row, HAS.ethernet))
      putPair(wire, 4, () => {
        const macs = [
          [HAS.ethernetSource, srcMac],
          [HAS.ethernetDestination, dstMac],
        ] as const;
        for (const [at, [bit, words]] of macs.entries()) {
          if (!has(row, bit)) continue;
          const text = texts.mac(words, row);
          wire.delimited(bytes(at + 1), text, 0, text.length);
        }
      });
    if (has(row, HAS.ip))
      putPair(wire, 5, () => {
        putAddress(wire, 1, 0, row, HAS.srcIp);
        putAddress(wire, 2, 1, row, HAS.dstIp);
        putInt32(wire, 3, number.ip_version[row] as number);
        if (has(row, HAS.ipEncrypted)) wire.varint(varint(4), 1);
        putAddress(wire, 5, 2, row, HAS.srcIpXlated);
      });
    if (has(row, HAS.l4)) putLayer4(wire, row);
    if (has(row, HAS.source)) source(wire, 8, row);
    if (has(row, HAS.destination)) destination(wire, 9, row);
    putInt32(wire, 10, number.type[row] as number);
    putCoded(wire, 11, node, row);
    putTexts(wire, 13, srcNames, row);
    putTexts(wire, 14, dstNames, row);
    if (has(row, HAS.l7)) layer7(wire, 15, row);
    if (has(row, HAS.replyFlag)) wire.varint(varint(16), 1);
  };
  const putUpper = (wire: Wire, row: number): void => {
    if (has(row, HAS.eventType))
      putPair(wire, 19, () => {
        putInt32(wire, 1, number.event_type[row] as number);
        putInt32(wire, 2, number.event_sub_type[row] as number);
      });
    for (const [at, bit] of [HAS.sourceService, HAS.destinationService].entries()) {
      if (!has(row, bit)) continue;
      const service = services[at] as (typeof services)[number];
      putPair(wire, 20 + at, () => {
        putCoded(wire, 1, service.name, row);
        putCoded(wire, 2, service.namespace, row);
      });
    }
    putInt32(wire, 22, number.direction[row] as number);
    putNumber(wire, 23, number.policy_match_type[row] as number);
    putInt32(wire, 24, number.observation_point[row] as number);
    if (has(row, HAS.dropReasonDesc)) putInt32(wire, 25, number.drop_reason[row] as number);
    const reply = number.reply[row] as number;
    if (reply !== 0) putPair(wire, 26, () => putNumber(wire, 1, reply === 2 ? 1 : 0));
    putInt32(wire, 27, number.debug_capture_point[row] as number);
    if (has(row, HAS.interface))
      putPair(wire, 28, () => {
        putNumber(wire, 1, number.interface_index[row] as number);
        putCoded(wire, 2, interfaceName, row);
      });
    putNumber(wire, 29, number.proxy_port[row] as number);
    if (has(row, HAS.traceContext))
      putPair(wire, 30, () => {
        if (has(row, HAS.traceParent)) putPair(wire, 1, () => putText(wire, 1, traceId, row));
      });
    putInt32(wire, 31, number.sock_xlate_point[row] as number);
    putWords(wire, 32, cookie, row);
    putWords(wire, 33, cgroup, row);
    if (has(row, HAS.uuid)) wire.delimited(bytes(34), texts.uuid(uuid, row), 0, 36);
    putInt32(wire, 35, number.auth_type[row] as number);
    putInt32(wire, 36, number.trace_reason[row] as number);
    putStrings(wire, 37, block.labels(key64(nodeLabels, row)) ?? []);
    if (has(row, HAS.ipTraceId))
      putPair(wire, 40, () => {
        putWords(wire, 1, ipTrace, row);
        putNumber(wire, 2, number.ip_trace_option[row] as number);
      });
    if (has(row, HAS.emitter))
      putPair(wire, 41, () => {
        putCoded(wire, 1, emitter, row);
        putCoded(wire, 2, emitterVersion, row);
      });
    for (const [put, field] of named) put(wire, field, row);
    putTexts(wire, 21_006, log, row);
    if (has(row, HAS.aggregate))
      putPair(wire, 21_007, () => {
        putNumber(wire, 1, number.agg_ingress[row] as number);
        putNumber(wire, 2, number.agg_egress[row] as number);
        putNumber(wire, 3, number.agg_unknown[row] as number);
      });
    putText(wire, 100_000, summary, row);
  };

  return (wire, row) => {
    wire.reset();
    const mark = wire.open(bytes(1));
    putLower(wire, row);
    putUpper(wire, row);
    wire.close(mark);
    putCoded(wire, 1_000, node, row);
    if (has(row, HAS.time)) putTime(wire, 1_001, row);
  };
}

const NUMBERS = [
  "verdict",
  "drop_reason",
  "type",
  "event_type",
  "event_sub_type",
  "direction",
  "reply",
  "observation_point",
  "trace_reason",
  "policy_match_type",
  "auth_type",
  "proxy_port",
  "debug_capture_point",
  "ip_version",
  "protocol",
  "src_port",
  "dst_port",
  "tcp_flags",
  "icmp_type",
  "icmp_code",
  "interface_index",
  "sock_xlate_point",
  "ip_trace_option",
  "agg_ingress",
  "agg_egress",
  "agg_unknown",
] as const;

const POLICIES = [
  ["egress_allowed_by", 21_001],
  ["ingress_allowed_by", 21_002],
  ["egress_denied_by", 21_004],
  ["ingress_denied_by", 21_005],
] as const;

/** Rows are in the order of time: most lie in the second of the one before, which spares them long division. */
function createSeconds(times: Uint32Array): (row: number) => { whole: number; nanos: number } {
  const out = { whole: 0, nanos: 0 };
  let [baseHigh, baseLow, known] = [0, 0, false];
  return (row) => {
    const low = times[2 * row] as number;
    const high = (times[2 * row + 1] as number) | 0;
    const nanos = (high - baseHigh) * 2 ** 32 + (low - baseLow);
    if (known && nanos >= 0 && nanos < 1e9) {
      out.nanos = nanos;
      return out;
    }
    const ns = (BigInt(high) << 32n) | BigInt(low);
    out.nanos = Number(((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
    const start = ns - BigInt(out.nanos);
    out.whole = Number(start / 1_000_000_000n);
    baseHigh = Number(start >> 32n);
    baseLow = Number(start & 0xffff_ffffn);
    known = true;
    return out;
  };
}
