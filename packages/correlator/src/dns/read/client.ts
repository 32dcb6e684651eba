import { cleanText, type Flow, type Peer, peerOf, TEXT_CAPS } from "@dropscope/model";

/** Who asks: findings fold by the workload; pod and node tell how far a failure reaches. */
export interface DnsClient {
  readonly key: string;
  readonly peer: Peer;
  readonly namespace: string;
  /** `namespace/pod`, else the address. */
  readonly pod: string;
}

export function clientOf(flow: Flow, end: "source" | "destination"): DnsClient {
  const found = peerOf(flow, end);
  const name = cleanText(found.name, TEXT_CAPS.name);
  const namespace = cleanText(found.namespace, TEXT_CAPS.name);
  const peer: Peer = { kind: found.kind, namespace, name };
  const pod = flow[end]?.pod_name ?? "";
  return {
    key: `${peer.kind}/${namespace}/${name}`,
    peer,
    namespace,
    pod: pod === "" ? (flow.IP?.[end] ?? "") : `${namespace}/${pod}`,
  };
}
