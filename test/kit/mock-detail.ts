import type { Endpoint, Flow, FlowDetail, FlowRow, Peer } from "@dropscope/model";

function endpoint(peer: Peer, pod: string, identity: number): Endpoint {
  if (peer.kind !== "workload") {
    return {
      identity,
      labels: [peer.kind === "entity" ? `reserved:${peer.name}` : "reserved:world"],
    };
  }
  return {
    ID: 1729,
    identity,
    cluster_name: "prod",
    namespace: peer.namespace,
    pod_name: pod,
    labels: [
      `k8s:app.kubernetes.io/name=${peer.name}`,
      "k8s:app.kubernetes.io/part-of=shop",
      "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=" + peer.namespace,
      "k8s:io.cilium.k8s.policy.cluster=prod",
      `k8s:io.cilium.k8s.policy.serviceaccount=${peer.name}`,
      `k8s:io.kubernetes.pod.namespace=${peer.namespace}`,
      "k8s:tier=backend",
      "k8s:team=checkout",
      "k8s:version=v142",
      "k8s:security-zone=restricted",
    ],
    workloads: [{ name: peer.name, kind: "Deployment" }],
  };
}

/** Everything about a row, in the shape of the real answer. */
export function mockDetail(row: FlowRow, related: FlowRow[]): FlowDetail {
  const flow: Flow = {
    time: new Date(Number(BigInt(row.timeNs) / 1_000_000n)).toISOString(),
    uuid: row.uuid,
    verdict: row.verdict,
    IP: { source: row.sourceIp, destination: row.destinationIp, ipVersion: "IPv4" },
    l4:
      row.protocol === "UDP"
        ? { UDP: { source_port: row.sourcePort, destination_port: row.destinationPort } }
        : {
            TCP: {
              source_port: row.sourcePort,
              destination_port: row.destinationPort,
              flags: { SYN: true },
            },
          },
    source: endpoint(row.source, row.sourcePod, row.sourceIdentity),
    destination: endpoint(row.destination, row.destinationPod, row.destinationIdentity),
    Type: row.type,
    node_name: row.node,
    event_type: { type: row.reason === "" ? 4 : 5 },
    traffic_direction: row.direction,
    Summary: row.summary,
  };
  if (row.reason !== "") flow.drop_reason_desc = row.reason;
  if (row.destination.kind === "name") flow.destination_names = [row.destination.name];
  if (row.reason === "POLICY_DENY") {
    flow.ingress_denied_by = [
      { name: "deny-legacy", namespace: "payments", kind: "CiliumNetworkPolicy", revision: "17" },
    ];
  }
  if (row.verdict === "FORWARDED" || row.verdict === "REDIRECTED") {
    flow.ingress_allowed_by = [
      {
        name: "allow-cart",
        namespace: row.destination.namespace,
        kind: "NetworkPolicy",
        revision: "12",
      },
    ];
  }
  if (row.type === "L7" && row.protocol === "UDP") {
    flow.l7 = {
      type: "REQUEST",
      dns: { query: "cart.web.svc.cluster.local.", qtypes: ["A"], observation_source: "proxy" },
    };
  } else if (row.type === "L7") {
    flow.l7 = {
      type: "REQUEST",
      http: {
        method: "POST",
        url: "http://payments-api.payments:8443/v1/charge",
        protocol: "HTTP/1.1",
        headers: [],
      },
    };
  }
  return {
    flow,
    row,
    related,
    ...(row.reason !== "" && {
      reason: {
        name: row.reason,
        title: row.reason === "POLICY_DENIED" ? "Policy denied" : row.reason,
        meaning: "A policy selects this endpoint, and no rule of any policy allows this traffic.",
        next: "Look at the policies that select the destination, and add the source and the port to one of them if it belongs there.",
      },
    }),
  };
}
