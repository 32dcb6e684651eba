/** Event types and observation points as the agent's monitor numbers and names them. */

export const EVENT_TYPES: Readonly<Record<string, number>> = {
  drop: 1,
  debug: 2,
  capture: 3,
  trace: 4,
  "policy-verdict": 5,
  "recorder-capture": 6,
  "trace-sock": 7,
  l7: 129,
  agent: 130,
};

/** Those that `observe` prints; the others are agent and debug events, which are not flows. */
export const FLOW_EVENT_TYPES = [
  "capture",
  "drop",
  "l7",
  "policy-verdict",
  "trace",
  "trace-sock",
] as const;

/** Sub-types of trace events, by number. */
export const TRACE_POINTS = [
  "to-endpoint",
  "to-proxy",
  "to-host",
  "to-stack",
  "to-overlay",
  "from-endpoint",
  "from-proxy",
  "from-host",
  "from-stack",
  "from-overlay",
  "from-network",
  "to-network",
  "from-crypto",
  "to-crypto",
] as const;

export const EVENT = {
  drop: 1,
  capture: 3,
  trace: 4,
  policyVerdict: 5,
  socket: 7,
  l7: 129,
} as const;
