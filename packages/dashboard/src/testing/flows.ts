import { randomUUID } from "node:crypto";
import type { Flow } from "@dropscope/model";

/** A plausible flow; the test says what matters. */
export function flowAt(ms: number, change: Partial<Flow> = {}): Flow {
  return {
    time: new Date(ms).toISOString(),
    uuid: randomUUID(),
    verdict: "FORWARDED",
    node_name: "node-1",
    Type: "L3_L4",
    IP: { source: "10.0.0.1", destination: "10.0.0.2", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40_000, destination_port: 8080, flags: { SYN: true } } },
    source: { namespace: "web", pod_name: "shop-1", identity: 1001 },
    destination: { namespace: "payments", pod_name: "api-1", identity: 1002 },
    event_type: { type: 4 },
    traffic_direction: "EGRESS",
    Summary: "TCP Flags: SYN",
    ...change,
  };
}

export function dropAt(ms: number, change: Partial<Flow> = {}): Flow {
  return flowAt(ms, {
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 1, sub_type: 133 },
    ...change,
  });
}
