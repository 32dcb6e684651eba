import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type Metrics = ReturnType<typeof createMetrics>;

/** Why a socket was cut or refused: a closed set, as every label here. */
export type CutReason =
  | "binary"
  | "flood"
  | "unknown-event"
  | "malformed"
  | "stalled"
  | "origin"
  | "host"
  | "too-many"
  | "too-often";

export function createMetrics(registry: Registry) {
  const registers = [registry];
  /** Set by the live side; read when the metrics are. */
  const waiting = { packets: () => 0 };
  return {
    waiting,
    waitingPackets: new Gauge({
      name: "dropscope_live_waiting_packets",
      help: "Packets that wait in memory for browsers that are slow to take them.",
      registers,
      collect() {
        this.set(waiting.packets());
      },
    }),
    requests: new Counter({
      name: "dropscope_http_requests_total",
      help: "Requests by route pattern and status class.",
      labelNames: ["route", "status"],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "dropscope_http_request_seconds",
      help: "Time from request to the end of the answer.",
      labelNames: ["route"],
      buckets: [0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
      registers,
    }),
    limited: new Counter({
      name: "dropscope_http_limited_total",
      help: "Requests refused because their address asked too often.",
      registers,
    }),
    sockets: new Gauge({
      name: "dropscope_live_sockets",
      help: "Open browser sockets.",
      registers,
    }),
    rooms: new Gauge({
      name: "dropscope_live_rooms",
      help: "Distinct live views (scope and filter).",
      registers,
    }),
    frames: new Counter({
      name: "dropscope_live_frames_total",
      help: "Frames made, one for each room and moment.",
      registers,
    }),
    skipped: new Counter({
      name: "dropscope_live_skipped_frames_total",
      help: "Frames not sent to a browser that was too slow.",
      registers,
    }),
    cuts: new Counter({
      name: "dropscope_live_cuts_total",
      help: "Sockets refused or cut, by reason.",
      labelNames: ["reason"],
      registers,
    }),
    tickSeconds: new Histogram({
      name: "dropscope_live_tick_seconds",
      help: "Time to ask the store what landed.",
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
      registers,
    }),
    troubles: new Counter({
      name: "dropscope_live_troubles_total",
      help: "Times that the live view lost the store.",
      registers,
    }),
    seenSeconds: new Histogram({
      name: "dropscope_live_sealed_to_sent_seconds",
      help: "Time from the fsync of a batch to the frame that shows it.",
      buckets: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
      registers,
    }),
  };
}
