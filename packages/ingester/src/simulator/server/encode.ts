import { fromJson, toBinary, type JsonValue } from "@bufbuild/protobuf";
import type { Flow } from "@dropscope/model";
import { GetFlowsResponseSchema } from "@dropscope/hubble";
import { encodeFlowResponse } from "./encode-flow.js";
import type { RingEvent } from "./ring.js";

/** What a stream sends: the encoded response, and when it happened for the relay's sorting. */
export interface Sent {
  bytes: Uint8Array;
  /** Envelope time as text; RFC 3339 with equal digits sorts as text. */
  time: string;
  isFlow: boolean;
}

/** A ring slot as the wire wants it. Without a mask the bytes are kept for the next reader. */
export function encodeEvent(
  event: RingEvent,
  nodeName: string,
  mask: ((flow: Flow) => Flow) | undefined,
): Sent {
  const { flow } = event;
  if (flow === undefined) {
    event.bytes ??= encodeResponse({
      lost_events: lostEvents(event.lost),
      node_name: nodeName,
      time: event.time,
    });
    return { bytes: event.bytes, time: event.time, isFlow: false };
  }
  if (mask === undefined) {
    event.bytes ??= encodeFlowResponse(flow);
    return { bytes: event.bytes, time: event.time, isFlow: true };
  }
  // The envelope is filled from the masked flow: without `time` and `node_name` in the mask it is empty.
  const masked = mask(flow);
  return { bytes: encodeFlowResponse(masked), time: masked.time ?? "", isFlow: true };
}

export function encodeLoss(nodeName: string, time: string, loss: Loss): Sent {
  const bytes = encodeResponse({
    lost_events: {
      source: "HUBBLE_RING_BUFFER",
      num_events_lost: String(loss.count),
      first: loss.first,
      last: loss.last,
    },
    node_name: nodeName,
    time,
  });
  return { bytes, time, isFlow: false };
}

export interface Loss {
  count: number;
  /** RFC 3339. */
  first: string;
  last: string;
}

export function encodeNodeStatus(
  relayName: string,
  time: string,
  state: "NODE_CONNECTED" | "NODE_UNAVAILABLE" | "NODE_ERROR",
  names: string[],
  message?: string,
): Sent {
  const status = {
    state_change: state,
    node_names: names,
    ...(message === undefined ? {} : { message }),
  };
  const bytes = encodeResponse({ node_status: status, node_name: relayName, time });
  return { bytes, time, isFlow: false };
}

/** @param response jsonpb shape of observer.GetFlowsResponse; undefined members are left out */
export function encodeResponse(response: object): Uint8Array {
  const clean = Object.fromEntries(
    Object.entries(response).filter(([, value]) => value !== undefined),
  );
  return toBinary(GetFlowsResponseSchema, fromJson(GetFlowsResponseSchema, clean as JsonValue));
}

function lostEvents(lost: RingEvent["lost"]) {
  if (lost === undefined) return {};
  const { source, count, cpu } = lost;
  return { source, num_events_lost: String(count), ...(cpu === undefined ? {} : { cpu }) };
}
