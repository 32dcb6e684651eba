import type { Endpoint } from "@dropscope/model";

/** One Kubernetes node with a Cilium agent. */
export interface Node {
  /** Bare name: `node-1`. */
  name: string;
  /** As Hubble names it: `cluster/node`, or `node` in the cluster "default". */
  hubbleName: string;
  index: number;
  ip: string;
  labels: string[];
  hostMac: string;
  overlayMac: string;
  /** What listens on the node's own address. */
  host: HostPeer;
  /** Cilium's health endpoint of this node. */
  health: HealthPeer;
}

/** A Deployment, StatefulSet or DaemonSet and the label set of its pods. */
export interface Workload {
  name: string;
  namespace: string;
  kind: "Deployment" | "StatefulSet" | "DaemonSet";
  serviceAccount: string;
  /** Pod labels; they decide the security identity. */
  labels: Record<string, string>;
  ports: { name: string; port: number; protocol: "TCP" | "UDP" }[];
  pods: Pod[];
  /** A workload that is scaled to zero has pods, but none of them runs. */
  running: boolean;
}

export interface Pod {
  kind: "pod";
  name: string;
  namespace: string;
  workload: Workload;
  node: Node;
  ip: string;
  mac: string;
  /** The node's end of the veth pair. */
  lxc: { index: number; name: string; mac: string };
  identity: number;
  endpointId: number;
  /** As the agent of its own node names it: with endpoint id and workload. */
  local: Endpoint;
  /** As other agents name it: from the ipcache, which knows neither. */
  remote: Endpoint;
}

/** The node itself and what runs in its network: kubelet, node exporter, API server. */
export interface HostPeer {
  kind: "host";
  node: Node;
  ip: string;
  /** The API server runs here: the identity says so instead of `remote-node`. */
  apiServer: boolean;
}

export interface HealthPeer {
  kind: "health";
  node: Node;
  ip: string;
  endpointId: number;
}

/** An address outside the cluster. */
export interface OutsidePeer {
  kind: "outside";
  ip: string;
  /** The name that resolves to it; empty for clients that only call in. */
  name: string;
  /** Cilium gives an address an identity of its own when a policy names it. */
  labels: string[];
  /** Identity of the address by node index; 2 (world) where no policy names it. Never equal across nodes. */
  identities: number[];
}

export type Peer = Pod | HostPeer | HealthPeer | OutsidePeer;

export interface Service {
  name: string;
  namespace: string;
  clusterIp: string;
  port: number;
  targetPort: number;
  workloads: Workload[];
}

export interface Namespace {
  name: string;
  labels: Record<string, string>;
}
