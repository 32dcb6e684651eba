import { PRESENT as BITS, TCP_FLAGS } from "@dropscope/store";
import { BAD, EXACT, readIp, readMac } from "./address.js";
import { type Cursor, malformed, repeated } from "./cursor.js";
import { stray } from "./entries.js";
import { ADDRESS, type PendingRow, U16, U64, U8, presentBits } from "./pending.js";
import { rareJson } from "./rare.js";

const PRESENT = presentBits(BITS);

/** The value of an address text for `rest`; cleaned when `rest` is written. */
function textAt(c: Cursor, start: number, end: number): string {
  return new TextDecoder().decode(c.bytes.subarray(start, end));
}

function address(
  c: Cursor,
  row: PendingRow,
  start: number,
  end: number,
  at: number,
  bit: number,
  name: string,
): void {
  c.pos = end;
  if (start === end) return;
  const reading = readIp(c.bytes, start, end, row.addresses, at);
  if (reading !== BAD && end - start === 2) row.present |= bit;
  if (reading !== EXACT) row.rest.set(`IP.${name}`, textAt(c, start, end));
}

export function walkIp(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.present |= PRESENT.ip;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag < 48) {
      const bit = 1 << (tag >>> 3);
      if (seen & bit) repeated();
      seen |= bit;
    }
    switch (tag) {
      case 10: {
        const until = c.length(end);
        address(c, row, c.pos, until, ADDRESS.src_ip, PRESENT.srcIp, "source");
        break;
      }
      case 18: {
        const until = c.length(end);
        address(c, row, c.pos, until, ADDRESS.dst_ip, PRESENT.dstIp, "destination");
        break;
      }
      case 24:
        small(row, U8.ip_version, c.signed(), "IP.ipVersion");
        break;
      case 32:
        if (c.bool()) row.present |= PRESENT.ipEncrypted;
        break;
      case 42: {
        const until = c.length(end);
        address(c, row, c.pos, until, ADDRESS.src_ip_xlated, PRESENT.srcIpXlated, "source_xlated");
        break;
      }
      default:
        stray(c, tag, from, end, 5, row.rest, "IP.");
    }
  }
  if (c.pos !== end) malformed("truncated");
}

export function walkEthernet(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.present |= PRESENT.ethernet;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 10 && tag !== 18) {
      stray(c, tag, from, end, 2, row.rest, "ethernet.");
      continue;
    }
    if (seen & tag & 24) repeated();
    seen |= tag & 24;
    const isSource = tag === 10;
    const until = c.length(end);
    if (until > c.pos) {
      const slot = (isSource ? U64.src_mac : U64.dst_mac) * 2;
      if (readMac(c.bytes, c.pos, until, row.u64, slot) === EXACT)
        row.present |= isSource ? PRESENT.ethernetSource : PRESENT.ethernetDestination;
      else row.rest.set(`ethernet.${isSource ? "source" : "destination"}`, textAt(c, c.pos, until));
    }
    c.pos = until;
  }
  if (c.pos !== end) malformed("truncated");
}

/** Members of `l4`, by field number; the value is that of the column `protocol`. */
const MEMBERS = ["", "TCP", "UDP", "ICMPv4", "ICMPv6", "SCTP", "VRRP", "IGMP"] as const;

export function walkL4(c: Cursor, row: PendingRow, end: number): void {
  row.present |= PRESENT.l4;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    const field = tag >>> 3;
    if ((tag & 7) !== 2 || field > 7) {
      stray(c, tag, from, end, 7, row.rest, "l4.");
      continue;
    }
    // Two members of a oneof: the last one counts, and no server sends it.
    if (row.u8[U8.protocol] !== 0) repeated();
    row.u8[U8.protocol] = field;
    const until = c.length(end);
    const path = `l4.${MEMBERS[field]}`;
    if (field === 6 || field === 7) row.rest.set(path, rareJson(MEMBERS[field], c, until));
    else if (field === 3 || field === 4) walkPair(c, row, until, path, false);
    else walkPair(c, row, until, path, field === 1);
    if (c.pos !== until) malformed("truncated");
  }
}

const PAIR_OF_PORTS = ["", "source_port", "destination_port"] as const;
const PAIR_OF_ICMP = ["", "type", "code"] as const;

/** TCP, UDP, SCTP (ports) and ICMP (type and code): two numbers, and flags for TCP. */
function walkPair(c: Cursor, row: PendingRow, end: number, path: string, hasFlags: boolean): void {
  const isIcmp = row.u8[U8.protocol] === 3 || row.u8[U8.protocol] === 4;
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag === 8 || tag === 16) {
      if (seen & tag) repeated();
      seen |= tag;
      const value = c.varint();
      const second = tag === 16;
      const name = (isIcmp ? PAIR_OF_ICMP : PAIR_OF_PORTS)[tag >>> 3]!;
      if (isIcmp) small(row, second ? U8.icmp_code : U8.icmp_type, value, `${path}.${name}`);
      else if (value > 0xffff) row.rest.set(`${path}.${name}`, value);
      else row.u16[second ? U16.dst_port : U16.src_port] = value;
    } else if (hasFlags && tag === 26) {
      if (seen & 32) repeated();
      seen |= 32;
      walkFlags(c, row, c.length(end), path);
    } else stray(c, tag, from, end, hasFlags ? 3 : 2, row.rest, `${path}.`);
  }
}

/** Bits by field number: the order of TCP_FLAGS. */
const FLAG_BITS = [0, ...Object.values(TCP_FLAGS)];

function walkFlags(c: Cursor, row: PendingRow, end: number, path: string): void {
  row.present |= PRESENT.tcpFlags;
  let flags = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if ((tag & 7) === 0 && tag < 80) {
      const bit = FLAG_BITS[tag >>> 3]!;
      if (c.bool()) flags |= bit;
      else flags &= ~bit;
    } else stray(c, tag, from, end, 9, row.rest, `${path}.flags.`);
  }
  if (c.pos !== end) malformed("truncated");
  row.u16[U16.tcp_flags] = flags;
}

/** A number for an 8-bit column; one that does not fit goes to `rest` under its path. */
export function small(row: PendingRow, slot: number, value: number, path: string): void {
  if (value >= 0 && value <= 0xff) row.u8[slot] = value;
  else row.rest.set(path, value);
}
