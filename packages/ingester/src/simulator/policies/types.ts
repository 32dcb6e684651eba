/** The part of Kubernetes' and Cilium's policy language that the shop's policies use. */
export type ShopPolicy = NetworkPolicy | CiliumNetworkPolicy;

export interface PolicyMeta {
  name: string;
  namespace: string;
  annotations?: Record<string, string>;
}

export interface Selector {
  matchLabels?: Record<string, string>;
}

export interface NetworkPolicy {
  apiVersion: "networking.k8s.io/v1";
  kind: "NetworkPolicy";
  metadata: PolicyMeta;
  spec: {
    podSelector: Selector;
    policyTypes: ("Ingress" | "Egress")[];
    ingress?: { from?: NetworkPeer[]; ports?: NetworkPort[] }[];
    egress?: { to?: NetworkPeer[]; ports?: NetworkPort[] }[];
  };
}

export interface NetworkPeer {
  podSelector?: Selector;
  namespaceSelector?: Selector;
}

export interface NetworkPort {
  protocol: "TCP" | "UDP";
  port: number;
}

export interface CiliumNetworkPolicy {
  apiVersion: "cilium.io/v2";
  kind: "CiliumNetworkPolicy";
  metadata: PolicyMeta;
  spec: {
    description?: string;
    endpointSelector: Selector;
    enableDefaultDeny?: { ingress?: boolean; egress?: boolean };
    ingress?: CiliumIngress[];
    ingressDeny?: CiliumIngress[];
    egress?: CiliumEgress[];
    egressDeny?: CiliumEgress[];
  };
}

export interface CiliumIngress {
  fromEndpoints?: Selector[];
  toPorts?: CiliumPorts[];
}

export interface CiliumEgress {
  toEndpoints?: Selector[];
  toFQDNs?: { matchName: string }[];
  toCIDR?: string[];
  toPorts?: CiliumPorts[];
}

export interface CiliumPorts {
  ports: { port: string; protocol: "TCP" | "UDP" }[];
  rules?: {
    http?: { method?: string; path?: string }[];
    dns?: { matchPattern: string }[];
  };
}
