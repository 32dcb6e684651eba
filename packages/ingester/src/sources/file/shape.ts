/**
 * What one JSON object of an export is. `response` has the shape of
 * `observer.GetFlowsResponse` in proto or lowerCamel names.
 */
export type Shape =
  | { kind: "flow"; response: JsonObject }
  | { kind: "lost"; response: JsonObject }
  | { kind: "node-status"; response: JsonObject }
  /** Agent and debug events of the exporter, and members that a newer Hubble may add. */
  | { kind: "other-event" };

export type JsonObject = Record<string, unknown>;

/** Any one of these says that the object itself is a flow (`hubble observe -o json` before 0.11). */
const FLOW_KEYS = [
  "verdict",
  "Type",
  "event_type",
  "eventType",
  "Summary",
  "traffic_direction",
  "trafficDirection",
  "drop_reason_desc",
  "dropReasonDesc",
  "is_reply",
  "isReply",
];

/** With a time, these do as well: a field mask may leave little of a flow. */
const FLOW_PARTS = ["source", "destination", "IP", "l4", "l7", "ethernet"];

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined: not an object that Hubble writes. */
export function shapeOf(value: JsonObject): Shape | undefined {
  if (isObject(value["flow"])) return { kind: "flow", response: withEnvelope(value) };
  if (isObject(value["lost_events"]) || isObject(value["lostEvents"])) {
    return { kind: "lost", response: value };
  }
  if (isObject(value["node_status"]) || isObject(value["nodeStatus"])) {
    return { kind: "node-status", response: value };
  }
  if (
    FLOW_KEYS.some((key) => key in value) ||
    ("time" in value && FLOW_PARTS.some((key) => isObject(value[key])))
  ) {
    return { kind: "flow", response: withEnvelope({ flow: value }) };
  }
  // The old `-o json` printed the bare loss too.
  if ("num_events_lost" in value || "numEventsLost" in value) {
    return { kind: "lost", response: { lost_events: value } };
  }
  // `agent_event`, `debug_event`, and what a newer exporter puts between the envelope's two fields.
  const event = Object.keys(value).some((key) => /_event$|Event$/.test(key));
  return event && ("node_name" in value || "nodeName" in value || "time" in value)
    ? { kind: "other-event" }
    : undefined;
}

/** The server copies the flow's node and time to the envelope; files that were cut down may lack them. */
function withEnvelope(response: JsonObject): JsonObject {
  const flow = response["flow"] as JsonObject;
  const time = response["time"] ?? flow["time"];
  const node =
    response["node_name"] ?? response["nodeName"] ?? flow["node_name"] ?? flow["nodeName"];
  if (time === response["time"] && ("node_name" in response || "nodeName" in response)) {
    return response;
  }
  const { nodeName: _, ...rest } = response;
  return {
    ...rest,
    ...(node === undefined ? {} : { node_name: node }),
    ...(time === undefined ? {} : { time }),
  };
}
