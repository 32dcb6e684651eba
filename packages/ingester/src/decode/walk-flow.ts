import { PRESENT as BITS } from "@dropscope/store";
import type { ByteCache } from "./byte-cache.js";
import { type Cursor, malformed, repeated } from "./cursor.js";
import {
  type EndpointEntry,
  type Entries,
  type LabelSet,
  type PolicyEntry,
  stray,
} from "./entries.js";
import {
  NAME,
  NAMES,
  POLICIES,
  type PendingRow,
  TEXT,
  TEXTS,
  U16,
  U32,
  U64,
  U8,
  presentBits,
} from "./pending.js";
import { rareJson } from "./rare.js";
import { walkTime } from "./time.js";
import { push, span, walkL7 } from "./walk-l7.js";
import { small, walkEthernet, walkIp, walkL4 } from "./walk-network.js";
import {
  big,
  settleDropReason,
  walkAggregate,
  walkEventType,
  walkExtensions,
  walkInterface,
  walkIpTraceId,
  walkReply,
  walkTexts,
  walkTraceContext,
  walkUuid,
} from "./walk-small.js";

const PRESENT = presentBits(BITS);

/** What the walk looks sub-messages up in. */
export interface Caches {
  readonly entries: Entries;
  readonly endpoints: ByteCache<EndpointEntry>;
  readonly policies: ByteCache<PolicyEntry>;
  readonly nodeLabels: ByteCache<LabelSet>;
}

const NODE_LABELS = 298;

/** Bit of a singular field above 31 in the second mask of seen fields; 0 for the repeated ones. */
function highBit(field: number): number {
  if (field < 42) return field === 37 ? 0 : 1 << (field - 32);
  return field === 21007 ? 1 << 10 : field === 100_000 ? 1 << 11 : field === 150_000 ? 1 << 12 : 0;
}

// source_names, destination_names.
const REPEATED_LOW = (1 << 13) | (1 << 14);

/** Walks `flow.Flow` at the cursor. What has a column lands in a slot of `row`, the rest in `row.rest`. */
export function walkFlow(c: Cursor, row: PendingRow, end: number, caches: Caches): void {
  let low = 0;
  let high = 0;
  while (c.pos < end) {
    const from = c.pos;
    const tag = c.tag();
    const field = tag >>> 3;
    if (field < 32) {
      const bit = 1 << field;
      if (low & bit & ~REPEATED_LOW) repeated();
      low |= bit;
    } else {
      const bit = highBit(field);
      if (high & bit) repeated();
      high |= bit;
    }
    if (tag < 336) walkCommon(c, row, tag, from, end, caches);
    else walkLate(c, row, tag, from, end, caches);
  }
  if (c.pos !== end) malformed("truncated");
  settleDropReason(row);
}

/** Fields 1 to 41, in a switch that becomes a jump table. */
function walkCommon(
  c: Cursor,
  row: PendingRow,
  tag: number,
  from: number,
  end: number,
  caches: Caches,
): void {
  switch (tag) {
    case 10:
      return walkTime(c, row, c.length(end));
    case 16:
      return small(row, U8.verdict, c.signed(), "verdict");
    case 24:
      row.dropReasonNumber = c.varint();
      return;
    case 34:
      return walkEthernet(c, row, c.length(end));
    case 42:
      return walkIp(c, row, c.length(end));
    case 50: {
      const until = c.length(end);
      walkL4(c, row, until);
      if (c.pos !== until) malformed("truncated");
      return;
    }
    case 66:
    case 74: {
      const until = c.length(end);
      const entry = caches.endpoints.get(c, c.pos, until, caches.entries.endpoint);
      c.pos = until;
      if (tag === 66) {
        row.source = entry;
        row.present |= PRESENT.source | (entry.hasWorkload ? PRESENT.srcWorkload : 0);
      } else {
        row.destination = entry;
        row.present |= PRESENT.destination | (entry.hasWorkload ? PRESENT.dstWorkload : 0);
      }
      if (entry.rest) row.rest.adopt(tag === 66 ? "source" : "destination", entry.rest);
      return;
    }
    case 80:
      return small(row, U8.type, c.signed(), "Type");
    case 90:
      return span(c, row.names, NAME.node, end);
    case 106:
      return push(c, row.nameLists[NAMES.src_names]!, end);
    case 114:
      return push(c, row.nameLists[NAMES.dst_names]!, end);
    case 122:
      row.present |= PRESENT.l7;
      return walkL7(c, row, c.length(end));
    case 128:
      if (c.bool()) row.present |= PRESENT.replyFlag;
      return;
    case 154:
      return walkEventType(c, row, c.length(end));
    case 162:
      row.present |= PRESENT.sourceService;
      return walkTexts(c, row, c.length(end), NAME.src_service, "source_service.");
    case 170:
      row.present |= PRESENT.destinationService;
      return walkTexts(c, row, c.length(end), NAME.dst_service, "destination_service.");
    case 176:
      return small(row, U8.direction, c.signed(), "traffic_direction");
    case 184:
      row.u32[U32.policy_match_type] = c.varint();
      return;
    case 192: {
      const value = c.signed();
      if (value >= 0 && value <= 0xffff) row.u16[U16.observation_point] = value;
      else row.rest.set("trace_observation_point", value);
      return;
    }
    case 200:
      row.dropReasonDesc = c.signed();
      return;
    case 210:
      return walkReply(c, row, c.length(end));
    case 216:
      return small(row, U8.debug_capture_point, c.signed(), "debug_capture_point");
    case 226:
      return walkInterface(c, row, c.length(end));
    case 232:
      row.u32[U32.proxy_port] = c.varint();
      return;
    case 242:
      return walkTraceContext(c, row, c.length(end));
    case 248:
      return small(row, U8.sock_xlate_point, c.signed(), "sock_xlate_point");
    case 256:
      return big(c, row, U64.socket_cookie);
    case 264:
      return big(c, row, U64.cgroup_id);
    case 274: {
      const until = c.length(end);
      walkUuid(c, row, until);
      c.pos = until;
      return;
    }
    case 280:
      return small(row, U8.auth_type, c.signed(), "auth_type");
    case 288:
      return small(row, U8.trace_reason, c.signed(), "trace_reason");
    case NODE_LABELS:
      return walkNodeLabels(c, row, from, end, caches);
    case 306:
      row.rest.set("file", rareJson("file", c, c.length(end)));
      return;
    case 314:
      row.rest.set("tunnel", rareJson("tunnel", c, c.length(end)));
      return;
    case 322:
      return walkIpTraceId(c, row, c.length(end));
    case 330:
      row.present |= PRESENT.emitter;
      return walkTexts(c, row, c.length(end), NAME.emitter_name, "emitter.");
    default: {
      // 7, 12, 17 and 18 are reserved: if they come, they are unknown.
      const field = tag >>> 3;
      const isFree = field === 7 || field === 12 || field === 17 || field === 18;
      return stray(c, tag, from, end, isFree ? 0 : 41, row.rest, "");
    }
  }
}

function walkLate(
  c: Cursor,
  row: PendingRow,
  tag: number,
  from: number,
  end: number,
  caches: Caches,
): void {
  switch (tag) {
    case 168_010:
      return policy(c, row, end, POLICIES.egress_allowed_by, caches);
    case 168_018:
      return policy(c, row, end, POLICIES.ingress_allowed_by, caches);
    case 168_034:
      return policy(c, row, end, POLICIES.egress_denied_by, caches);
    case 168_042:
      return policy(c, row, end, POLICIES.ingress_denied_by, caches);
    case 168_050:
      return push(c, row.textLists[TEXTS.policy_log]!, end);
    case 168_058:
      return walkAggregate(c, row, c.length(end));
    case 800_002:
      return span(c, row.texts, TEXT.summary, end);
    case 1_200_002:
      return walkExtensions(c, row, c.length(end));
    default: {
      const field = tag >>> 3;
      const isKnown =
        (field >= 21_001 && field <= 21_007 && field !== 21_003) ||
        field === 100_000 ||
        field === 150_000;
      return stray(c, tag, from, end, isKnown ? field : 0, row.rest, "");
    }
  }
}

function policy(c: Cursor, row: PendingRow, end: number, list: number, caches: Caches): void {
  const until = c.length(end);
  const entry = caches.policies.get(c, c.pos, until, caches.entries.policy);
  c.pos = until;
  const refs = row.policies[list]!;
  if (entry.rest) row.rest.adopt(`${POLICY_LISTS[list]}.${refs.length}`, entry.rest);
  refs.push(entry);
}

const POLICY_LISTS = Object.keys(POLICIES);

/** Labels of a node come in one run, which is the same in every flow of the node: it is looked up as a whole. */
function walkNodeLabels(
  c: Cursor,
  row: PendingRow,
  from: number,
  end: number,
  caches: Caches,
): void {
  if (row.nodeLabels) repeated();
  c.pos = c.length(end);
  while (c.pos < end) {
    const next = c.pos;
    if (c.varint() !== NODE_LABELS) {
      c.pos = next;
      break;
    }
    c.pos = c.length(end);
  }
  const until = c.pos;
  row.nodeLabels = caches.nodeLabels.get(c, from, until, caches.entries.nodeLabels);
  c.pos = until;
}
