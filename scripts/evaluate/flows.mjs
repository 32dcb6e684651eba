// Flows as Hubble reports them, of packets that the evaluation makes up.

const REASONS = {
  POLICY_DENIED: 133,
  POLICY_DENY: 181,
  AUTH_REQUIRED: 189,
  STALE_OR_UNROUTABLE_IP: 151,
  CT_MAP_INSERTION_FAILED: 155,
  SERVICE_BACKEND_NOT_FOUND: 158,
  FIB_LOOKUP_FAILED: 169,
  DENIED_BY_LB_SRC_RANGE_CHECK: 177,
  UNSUPPORTED_L3_PROTOCOL: 139,
  INVALID_SOURCE_IP: 132,
  UNENCRYPTED_TRAFFIC: 195,
};
export const DATAPATH_REASONS = Object.keys(REASONS).slice(3);

/** Every scene begins here, ms since 1970. */
export const START = Date.UTC(2026, 5, 1, 10);

/** Collects flows; times are seconds after the start. */
export function createRecorder(random) {
  const flows = [];
  const gaps = [];
  const uuid = () =>
    [random.hex(8), random.hex(4), `4${random.hex(3)}`, `9${random.hex(3)}`, random.hex(12)].join(
      "-",
    );

  function base({
    from,
    to,
    protocol = "TCP",
    port,
    socket = 40_000,
    at = 0,
    direction = "egress",
    node,
    flags,
  }) {
    const l4 = protocol.startsWith("ICMP")
      ? { [protocol]: { type: 8 } }
      : {
          [protocol]: {
            source_port: socket,
            destination_port: port,
            ...(protocol === "TCP" ? { flags: flags ?? { SYN: true } } : {}),
          },
        };
    const where = node ?? (direction === "egress" ? from : to).node;
    return {
      time: timeText(at),
      uuid: uuid(),
      verdict: "DROPPED",
      IP: {
        source: from.ip,
        destination: to.ip,
        ipVersion: from.ip.includes(":") ? "IPv6" : "IPv4",
      },
      l4,
      source: from.endpoint(from.node === where),
      destination: to.endpoint(to.node === where),
      Type: "L3_L4",
      node_name: where,
      traffic_direction: direction.toUpperCase(),
      ...(from.names?.length ? { source_names: from.names } : {}),
      ...(to.names?.length ? { destination_names: to.names } : {}),
    };
  }
  const put = (flow) => {
    flows.push(flow);
    return flow.uuid;
  };
  const refs = (direction, list) =>
    list === undefined ? {} : { [`${direction}_denied_by`]: list.map(policyRef) };

  return {
    flows,
    gaps,
    /** Both events of a denied packet, or the one that came through. @returns their ids */
    denied({ reason = "POLICY_DENIED", deniedBy, events = "both", ...packet }) {
      const fields = { drop_reason: REASONS[reason], drop_reason_desc: reason };
      const ids = [];
      if (events !== "drop")
        ids.push(
          put({
            ...base(packet),
            ...fields,
            event_type: { type: 5 },
            ...refs(packet.direction ?? "egress", deniedBy),
          }),
        );
      if (events !== "verdict")
        ids.push(
          put({
            ...base({ ...packet, at: (packet.at ?? 0) + 0.000_01 }),
            ...fields,
            event_type: { type: 1, sub_type: REASONS[reason] },
          }),
        );
      return ids;
    },
    dropped: ({ reason, reply, ...packet }) => [
      put({
        ...base(packet),
        drop_reason: REASONS[reason],
        drop_reason_desc: reason,
        event_type: { type: 1, sub_type: REASONS[reason] },
        ...(reply ? { is_reply: true } : {}),
      }),
    ],
    audited: (packet) => [put({ ...base(packet), verdict: "AUDIT", event_type: { type: 5 } })],
    passed: (packet) => [
      put({
        ...base(packet),
        verdict: packet.redirected ? "REDIRECTED" : "FORWARDED",
        event_type: { type: 5 },
        is_reply: false,
      }),
    ],
    traced: ({ reply = false, ...packet }) => [
      put({
        ...base(packet),
        verdict: "FORWARDED",
        event_type: { type: 4 },
        is_reply: reply,
        trace_observation_point: reply ? "TO_ENDPOINT" : "TO_OVERLAY",
        trace_reason: reply ? "REPLY" : "NEW",
      }),
    ],
    logged: ({ l7, refused = false, ...packet }) => [
      put({
        ...base({ ...packet, flags: {} }),
        verdict: refused ? "DROPPED" : "FORWARDED",
        Type: "L7",
        event_type: { type: 129 },
        is_reply: l7.type === "RESPONSE",
        l7,
      }),
    ],
    lost: ({ node, at }) =>
      gaps.push({ time: timeText(at), node, cause: "perf-ring", count: random.between(1, 90) }),
  };
}

function policyRef({ kind, metadata: { name, namespace } }) {
  const labels = [
    `k8s:io.cilium.k8s.policy.derived-from=${kind}`,
    `k8s:io.cilium.k8s.policy.name=${name}`,
  ];
  if (namespace === undefined) return { name, kind, labels, revision: "7" };
  return {
    name,
    namespace,
    kind,
    labels: [...labels, `k8s:io.cilium.k8s.policy.namespace=${namespace}`],
    revision: "7",
  };
}

function timeText(seconds) {
  const micros = START * 1000 + Math.round(seconds * 1e6);
  return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19)}.${String(micros % 1e6).padStart(6, "0")}000Z`;
}
