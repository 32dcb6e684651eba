import { type Gap, type GapCause, TEXT_CAPS, cleanText } from "@dropscope/model";
import { LostEventSchema, NodeStatusEventSchema, type LostEvent } from "@dropscope/hubble";
import type { Cursor } from "./cursor.js";
import { parsed } from "./rare.js";
import { nsOf, nsText } from "./time.js";
import type { LostEventsSeen, NodeStatusSeen } from "./types.js";

/** Node and time of the envelope, where they are known. */
export interface Envelope {
  readonly node: string;
  readonly timeNs: bigint | undefined;
}

function known<K extends string, V>(name: K, value: V | undefined): { [N in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { [N in K]?: V };
}

type ProtoTime = LostEvent["first"];

function protoNs(time: ProtoTime): bigint | undefined {
  return time && nsOf({ seconds: Number(time.seconds), nanos: time.nanos });
}

/** Rare messages, so they are read the comfortable way. */
export function lostEvents(c: Cursor, end: number, envelope: Envelope): LostEventsSeen {
  const { value } = parsed(LostEventSchema, c.bytes.subarray(c.pos, end));
  return {
    kind: "lost-events",
    node: envelope.node,
    source: value.source,
    count: value.numEventsLost,
    ...known("timeNs", envelope.timeNs),
    ...known("cpu", value.cpu),
    ...known("firstNs", protoNs(value.first)),
    ...known("lastNs", protoNs(value.last)),
  };
}

export function nodeStatus(c: Cursor, end: number, envelope: Envelope): NodeStatusSeen {
  const { value } = parsed(NodeStatusEventSchema, c.bytes.subarray(c.pos, end));
  return {
    kind: "node-status",
    node: envelope.node,
    state: value.stateChange,
    nodeNames: value.nodeNames.map((name) => cleanText(name, TEXT_CAPS.name)),
    message: cleanText(value.message, TEXT_CAPS.text),
    ...known("timeNs", envelope.timeNs),
  };
}

/** Causes by number of LOST_EVENT_SOURCES. */
const CAUSES: readonly (GapCause | undefined)[] = [
  undefined,
  "perf-ring",
  "observer-queue",
  "hubble-ring",
];

/** The gap that a lost_events message tells of, and its source number for `GapBlockBuilder.add`. */
export function gapOfLostEvents(lost: LostEventsSeen, nowMs: number): { gap: Gap; source: number } {
  const time = lost.timeNs ?? BigInt(nowMs) * 1_000_000n;
  return {
    source: lost.source,
    gap: {
      time: nsText(time),
      node: lost.node,
      cause: CAUSES[lost.source] ?? "lost-other",
      // Beyond 2^53 the number is not meant seriously.
      count: Math.min(Number(lost.count), Number.MAX_SAFE_INTEGER),
      ...known("from", lost.firstNs === undefined ? undefined : nsText(lost.firstNs)),
      ...known("to", lost.lastNs === undefined ? undefined : nsText(lost.lastNs)),
      ...known("cpu", lost.cpu),
    },
  };
}
