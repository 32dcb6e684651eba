import { PRESENT as BITS } from "@dropscope/store";
import { BAD, EXACT, readUuid } from "./address.js";
import { type Cursor, malformed, repeated } from "./cursor.js";
import { stray } from "./entries.js";
import { NAME, type PendingRow, TEXT, U16, U32, U64, U8, presentBits } from "./pending.js";
import { span } from "./walk-l7.js";

const PRESENT = presentBits(BITS);

/** Values of the column `reply`. */
const REPLY = { no: 1, yes: 2 } as const;

/** `is_reply`: a BoolValue, so that absent is not false. */
export function walkReply(c: Cursor, row: PendingRow, end: number): void {
  let isReply = false;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag === 8) isReply = c.bool();
    else stray(c, tag, from, end, 1, row.rest, "is_reply.");
  }
  if (c.pos !== end) malformed("truncated");
  row.u8[U8.reply] = isReply ? REPLY.yes : REPLY.no;
}

/** Messages of two strings: services and the emitter. Their slots are neighbours. */
export function walkTexts(
  c: Cursor,
  row: PendingRow,
  end: number,
  slot: number,
  path: string,
): void {
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 10 && tag !== 18) {
      stray(c, tag, from, end, 2, row.rest, path);
      continue;
    }
    if (seen & tag & 24) repeated();
    seen |= tag & 24;
    span(c, row.names, tag === 10 ? slot : slot + 1, end);
  }
  if (c.pos !== end) malformed("truncated");
}

/** Messages of numbers that land in consecutive 32-bit slots. */
function walkNumbers(
  c: Cursor,
  row: PendingRow,
  end: number,
  slot: number,
  count: number,
  path: string,
): void {
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if ((tag & 7) !== 0 || tag >>> 3 > count) {
      stray(c, tag, from, end, count, row.rest, path);
      continue;
    }
    const bit = 1 << (tag >>> 3);
    if (seen & bit) repeated();
    seen |= bit;
    row.u32[slot + (tag >>> 3) - 1] = c.varint();
  }
  if (c.pos !== end) malformed("truncated");
}

export function walkEventType(c: Cursor, row: PendingRow, end: number): void {
  row.present |= PRESENT.eventType;
  walkNumbers(c, row, end, U32.event_type, 2, "event_type.");
}

export function walkAggregate(c: Cursor, row: PendingRow, end: number): void {
  row.present |= PRESENT.aggregate;
  walkNumbers(c, row, end, U32.agg_ingress, 3, "aggregate.");
}

export function walkInterface(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.present |= PRESENT.interface;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 8 && tag !== 18) {
      stray(c, tag, from, end, 2, row.rest, "interface.");
      continue;
    }
    if (seen & tag & 24) repeated();
    seen |= tag & 24;
    if (tag === 8) row.u32[U32.interface_index] = c.varint();
    else span(c, row.names, NAME.interface_name, end);
  }
  if (c.pos !== end) malformed("truncated");
}

/** One level of `trace_context`: a message whose only field is `tag`. */
function walkOnly(
  c: Cursor,
  row: PendingRow,
  end: number,
  path: string,
  take: (end: number) => void,
): void {
  let seen = false;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 10) {
      stray(c, tag, from, end, 1, row.rest, path);
      continue;
    }
    if (seen) repeated();
    seen = true;
    take(end);
  }
  if (c.pos !== end) malformed("truncated");
}

export function walkTraceContext(c: Cursor, row: PendingRow, end: number): void {
  row.present |= PRESENT.traceContext;
  walkOnly(c, row, end, "trace_context.", (outer) => {
    row.present |= PRESENT.traceParent;
    walkOnly(c, row, c.length(outer), "trace_context.parent.", (inner) =>
      span(c, row.texts, TEXT.trace_id, inner),
    );
  });
}

export function walkIpTraceId(c: Cursor, row: PendingRow, end: number): void {
  let seen = 0;
  row.present |= PRESENT.ipTraceId;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 8 && tag !== 16) {
      stray(c, tag, from, end, 2, row.rest, "ip_trace_id.");
      continue;
    }
    if (seen & tag) repeated();
    seen |= tag;
    if (tag === 8) big(c, row, U64.ip_trace_id);
    else row.u32[U32.ip_trace_option] = c.varint();
  }
  if (c.pos !== end) malformed("truncated");
}

export function big(c: Cursor, row: PendingRow, slot: number): void {
  c.varint64();
  row.u64[slot * 2] = c.low;
  row.u64[slot * 2 + 1] = c.high;
}

export function walkUuid(c: Cursor, row: PendingRow, end: number): void {
  const from = c.pos;
  c.pos = end;
  if (from === end) return;
  const reading = readUuid(c.bytes, from, end, row.uuid);
  if (reading !== BAD) row.present |= PRESENT.uuid;
  if (reading !== EXACT)
    row.rest.set("uuid", new TextDecoder().decode(c.bytes.subarray(from, end)));
}

/** `google.protobuf.Any`: its content is not understood, so it is kept as it is. */
export function walkExtensions(c: Cursor, row: PendingRow, end: number): void {
  let type = "";
  let value: Uint8Array = new Uint8Array();
  let seen = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    if (tag !== 10 && tag !== 18) {
      stray(c, tag, from, end, 2, row.rest, "extensions.");
      continue;
    }
    if (seen & tag & 24) repeated();
    seen |= tag & 24;
    const until = c.length(end);
    const bytes = c.bytes.slice(c.pos, until);
    if (tag === 10) type = new TextDecoder().decode(bytes);
    else value = bytes;
    c.pos = until;
  }
  if (c.pos !== end) malformed("truncated");
  row.rest.set("extensions", {
    ...(type === "" ? {} : { "@type": type }),
    ...(value.length === 0 ? {} : { value: Buffer.from(value).toString("base64") }),
  });
}

/** Two fields share the column `drop_reason`; the enum wins, the deprecated number is kept when it says something else. */
export function settleDropReason(row: PendingRow): void {
  const { dropReasonDesc: desc, dropReasonNumber: number } = row;
  if ((desc | number) === 0) return;
  let stored = 0;
  if (desc > 0 && desc <= 0xffff) {
    stored = desc;
    row.present |= PRESENT.dropReasonDesc;
  } else if (desc !== 0) row.rest.set("drop_reason_desc", desc);
  if (stored === 0 && number <= 0xffff) stored = number;
  if (number !== 0 && number === stored) row.present |= PRESENT.dropReasonNumber;
  else if (number !== 0) row.rest.set("drop_reason", number);
  row.u16[U16.drop_reason] = stored;
}
