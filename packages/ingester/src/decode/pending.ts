import type { EndpointEntry, LabelSet, PolicyEntry } from "./entries.js";
import { Rest } from "./rest.js";

// Slots of a pending row, by the width of their columns. The names are column names:
// `commit.ts` goes through them in this order.

export const U8 = {
  verdict: 0,
  type: 1,
  direction: 2,
  reply: 3,
  trace_reason: 4,
  auth_type: 5,
  debug_capture_point: 6,
  ip_version: 7,
  protocol: 8,
  icmp_type: 9,
  icmp_code: 10,
  l7_protocol: 11,
  l7_type: 12,
  sock_xlate_point: 13,
} as const;

export const U16 = {
  drop_reason: 0,
  observation_point: 1,
  src_port: 2,
  dst_port: 3,
  tcp_flags: 4,
} as const;

export const U32 = {
  event_type: 0,
  event_sub_type: 1,
  policy_match_type: 2,
  proxy_port: 3,
  interface_index: 4,
  dns_ttl: 5,
  dns_rcode: 6,
  http_code: 7,
  ip_trace_option: 8,
  agg_ingress: 9,
  agg_egress: 10,
  agg_unknown: 11,
} as const;

export const U64 = {
  src_mac: 0,
  dst_mac: 1,
  l7_latency_ns: 2,
  socket_cookie: 3,
  cgroup_id: 4,
  ip_trace_id: 5,
} as const;

/** Texts of low-cardinality columns: names, unless said otherwise. */
export const NAME = {
  node: 0,
  src_service: 1,
  src_service_namespace: 2,
  dst_service: 3,
  dst_service_namespace: 4,
  interface_name: 5,
  dns_source: 6,
  http_method: 7,
  http_protocol: 8,
  emitter_name: 9,
  emitter_version: 10,
} as const;

export const TEXT = { dns_query: 0, http_url: 1, trace_id: 2, summary: 3 } as const;

/** Lists whose elements are low-cardinality. */
export const NAMES = { src_names: 0, dst_names: 1, dns_qtypes: 2, dns_rrtypes: 3 } as const;

export const TEXTS = { dns_ips: 0, dns_cnames: 1, policy_log: 2 } as const;

export const POLICIES = {
  egress_allowed_by: 0,
  ingress_allowed_by: 1,
  egress_denied_by: 2,
  ingress_denied_by: 3,
} as const;

/** Byte offsets. */
export const ADDRESS = { src_ip: 0, dst_ip: 16, src_ip_xlated: 32 } as const;

/** Start and end of texts inside the cursor's buffer. */
export type Spans = number[];

const count = (slots: object) => Object.keys(slots).length;
const lists = <T>(slots: object): T[][] => Array.from({ length: count(slots) }, () => []);

/** Cuts typed arrays out of one buffer, widest elements first, so that one `fill` clears them all. */
function cutter(size: number) {
  const buffer = new ArrayBuffer(size);
  let at = 0;
  return {
    all: new Float64Array(buffer),
    next<T extends { byteLength: number }>(
      kind: { new (buffer: ArrayBuffer, at: number, length: number): T },
      length: number,
    ): T {
      const array = new kind(buffer, at, length);
      at += array.byteLength;
      return array;
    },
  };
}

const SIZE =
  8 +
  8 * count(U64) +
  4 * count(U32) +
  8 * (count(NAME) + count(TEXT)) +
  2 * count(U16) +
  count(U8) +
  64;

/** One flow between decoding and commit. Texts are still where they came: in the cursor's buffer. */
export class PendingRow {
  readonly #cut = cutter(Math.ceil(SIZE / 8) * 8);
  present = 0;
  seconds = 0;
  nanos = 0;
  timeClamped = false;
  /** Atom of the node: the flow's own, else that of the envelope. */
  node = 0;
  /** Halves of the time in ns. */
  readonly time = this.#cut.next(Uint32Array, 2);
  readonly uuidWords = this.#cut.next(Uint32Array, 4);
  readonly uuid = new Uint8Array(this.uuidWords.buffer, this.uuidWords.byteOffset, 16);
  readonly addressWords = this.#cut.next(Uint32Array, 12);
  readonly addresses = new Uint8Array(this.addressWords.buffer, this.addressWords.byteOffset, 48);
  readonly u64 = this.#cut.next(Uint32Array, count(U64) * 2);
  readonly u32 = this.#cut.next(Uint32Array, count(U32));
  readonly names = this.#cut.next(Int32Array, count(NAME) * 2);
  readonly texts = this.#cut.next(Int32Array, count(TEXT) * 2);
  readonly u16 = this.#cut.next(Uint16Array, count(U16));
  readonly u8 = this.#cut.next(Uint8Array, count(U8));
  readonly nameLists = lists<number>(NAMES);
  readonly textLists = lists<number>(TEXTS);
  /** Key and value of each header: two spans. */
  readonly headers: Spans = [];
  readonly policies = lists<PolicyEntry>(POLICIES);
  source: EndpointEntry | undefined;
  destination: EndpointEntry | undefined;
  nodeLabels: LabelSet | undefined;
  dropReasonDesc = 0;
  dropReasonNumber = 0;
  readonly rest = new Rest();

  reset(): void {
    this.present = 0;
    this.seconds = 0;
    this.nanos = 0;
    this.timeClamped = false;
    this.#cut.all.fill(0);
    for (const list of this.nameLists) if (list.length > 0) list.length = 0;
    for (const list of this.textLists) if (list.length > 0) list.length = 0;
    if (this.headers.length > 0) this.headers.length = 0;
    for (const list of this.policies) if (list.length > 0) list.length = 0;
    this.source = undefined;
    this.destination = undefined;
    this.nodeLabels = undefined;
    this.dropReasonDesc = 0;
    this.dropReasonNumber = 0;
    this.rest.reset();
  }
}

/** `PRESENT` of the schema as numbers: its bits all lie below 2^31, and a number needs no allocation. */
export function presentBits<K extends string>(
  bits: Readonly<Record<K, bigint>>,
): Record<K, number> {
  return Object.fromEntries(
    Object.entries<bigint>(bits).map(([name, bit]) => [name, Number(bit)]),
  ) as Record<K, number>;
}
