/** A small file of flows, as `hubble observe -o jsonpb` writes it: one a second, every third dropped. */
export function flowLines(count: number, options: { startMs?: number; pod?: string } = {}): string {
  const startMs = options.startMs ?? Date.now() - 3_600_000;
  const lines = Array.from({ length: count }, (_, index) => flowLine(index, startMs, options.pod));
  return `${lines.join("\n")}\n`;
}

function flowLine(index: number, startMs: number, pod = "frontend"): string {
  const dropped = index % 3 === 0;
  const time = new Date(startMs + index * 1000).toISOString();
  const uuid = `00000000-0000-4000-8000-${String(startMs % 1e6).padStart(6, "0")}${String(index).padStart(6, "0")}`;
  const flow = {
    time,
    uuid,
    verdict: dropped ? "DROPPED" : "FORWARDED",
    ...(dropped ? { drop_reason: 133, drop_reason_desc: "POLICY_DENIED" } : {}),
    IP: { source: "10.0.1.7", destination: "10.0.2.9", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40000 + index, destination_port: 5432, flags: { SYN: true } } },
    source: { ID: 7, identity: 1007, namespace: "web", labels: ["k8s:app=web"], pod_name: pod },
    destination: { ID: 9, identity: 1009, namespace: "payments", pod_name: "db-0" },
    Type: "L3_L4",
    node_name: "test/node-1",
    event_type: dropped ? { type: 1, sub_type: 133 } : { type: 4 },
    traffic_direction: "EGRESS",
    is_reply: false,
    Summary: "TCP Flags: SYN",
  };
  return JSON.stringify({ flow, node_name: "test/node-1", time });
}
