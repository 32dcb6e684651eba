import { type Cursor, malformed, repeated } from "./cursor.js";
import { stray } from "./entries.js";
import { NAME, NAMES, type PendingRow, TEXT, TEXTS, U32, U64, U8 } from "./pending.js";
import { rareJson } from "./rare.js";
import { small } from "./walk-network.js";

/** Values of the column `l7_protocol`. */
const L7 = { dns: 1, http: 2, other: 3 } as const;

export function walkL7(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.u8[U8.l7_protocol] = L7.other;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    switch (tag) {
      case 8:
        if (seen & 1) repeated();
        seen |= 1;
        small(row, U8.l7_type, c.signed(), "l7.type");
        break;
      case 16:
        if (seen & 2) repeated();
        seen |= 2;
        c.varint64();
        row.u64[U64.l7_latency_ns * 2] = c.low;
        row.u64[U64.l7_latency_ns * 2 + 1] = c.high;
        break;
      case 802:
      case 810:
      case 818: {
        // Two members of a oneof: the last one counts, and no server sends it.
        if (seen & 4) repeated();
        seen |= 4;
        const until = c.length(end);
        if (tag === 802) walkDns(c, row, until);
        else if (tag === 810) walkHttp(c, row, until);
        else row.rest.set("l7.kafka", rareJson("kafka", c, until));
        if (c.pos !== until) malformed("truncated");
        break;
      }
      default: {
        const field = tag >>> 3;
        if (field >= 100 && field <= 102) malformed("wire-type");
        stray(c, tag, from, end, 2, row.rest, "l7.");
      }
    }
  }
  if (c.pos !== end) malformed("truncated");
}

function walkDns(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.u8[U8.l7_protocol] = L7.dns;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    switch (tag) {
      case 10:
      case 24:
      case 42:
      case 48: {
        const bit = 1 << (tag >>> 3);
        if (seen & bit) repeated();
        seen |= bit;
        if (tag === 24) row.u32[U32.dns_ttl] = c.varint();
        else if (tag === 48) row.u32[U32.dns_rcode] = c.varint();
        else if (tag === 10) span(c, row.texts, TEXT.dns_query, end);
        else span(c, row.names, NAME.dns_source, end);
        break;
      }
      case 18:
        push(c, row.textLists[TEXTS.dns_ips]!, end);
        break;
      case 34:
        push(c, row.textLists[TEXTS.dns_cnames]!, end);
        break;
      case 58:
        push(c, row.nameLists[NAMES.dns_qtypes]!, end);
        break;
      case 66:
        push(c, row.nameLists[NAMES.dns_rrtypes]!, end);
        break;
      default:
        stray(c, tag, from, end, 8, row.rest, "l7.dns.");
    }
  }
}

function walkHttp(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.u8[U8.l7_protocol] = L7.http;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag < 40) {
      const bit = 1 << (tag >>> 3);
      if (seen & bit) repeated();
      seen |= bit;
    }
    switch (tag) {
      case 8:
        row.u32[U32.http_code] = c.varint();
        break;
      case 18:
        span(c, row.names, NAME.http_method, end);
        break;
      case 26:
        span(c, row.texts, TEXT.http_url, end);
        break;
      case 34:
        span(c, row.names, NAME.http_protocol, end);
        break;
      case 42:
        walkHeader(c, row, c.length(end));
        break;
      default:
        stray(c, tag, from, end, 5, row.rest, "l7.http.");
    }
  }
}

function walkHeader(c: Cursor, row: PendingRow, end: number): void {
  const header = [c.pos, c.pos, c.pos, c.pos];
  const index = row.headers.length / 4;
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 10 && tag !== 18) {
      stray(c, tag, from, end, 2, row.rest, `l7.http.headers.${index}.`);
      continue;
    }
    if (seen & tag & 24) repeated();
    seen |= tag & 24;
    const until = c.length(end);
    const slot = tag === 10 ? 0 : 2;
    header[slot] = c.pos;
    header[slot + 1] = until;
    c.pos = until;
  }
  if (c.pos !== end) malformed("truncated");
  row.headers.push(...header);
}

/** Notes where a text lies. */
export function span(c: Cursor, spans: Int32Array, slot: number, end: number): void {
  const until = c.length(end);
  spans[slot * 2] = c.pos;
  spans[slot * 2 + 1] = until;
  c.pos = until;
}

export function push(c: Cursor, spans: number[], end: number): void {
  const until = c.length(end);
  spans.push(c.pos, until);
  c.pos = until;
}
