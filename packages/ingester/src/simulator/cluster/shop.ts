import type { Workload } from "./types.js";

/** What runs in the shop: the plan from which the cluster is built. */
export interface WorkloadPlan {
  namespace: string;
  name: string;
  kind: Workload["kind"];
  replicas: number;
  labels: Record<string, string>;
  ports: Workload["ports"];
  serviceAccount: string;
  /** Service port where it differs from the first container port. */
  servicePort?: number;
  /** Service name where it differs from the workload's. */
  service?: string;
  /** Exists, but is scaled to zero until an incident rolls it out. */
  idle?: boolean;
}

export const SHOP_NAMESPACES = {
  default: {},
  web: { team: "storefront" },
  payments: { team: "payments", "pci-scope": "true" },
  monitoring: { team: "platform" },
  "kube-system": { team: "platform" },
} as const;

const metrics = { name: "metrics", port: 9102, protocol: "TCP" } as const;
const http = { name: "http", port: 8080, protocol: "TCP" } as const;

export const SHOP_WORKLOADS: readonly WorkloadPlan[] = [
  app("web", "frontend", 4, [{ name: "http", port: 3000, protocol: "TCP" }, metrics], {
    tier: "edge",
  }),
  app("web", "catalog", 3, [http, metrics], { tier: "backend" }),
  app("web", "cart", 3, [http, metrics], { tier: "backend" }),
  app("web", "checkout", 3, [http, metrics], { tier: "backend", version: "v1" }),
  {
    ...app("web", "checkout-v2", 3, [http, metrics], { tier: "backend", version: "v2" }),
    serviceAccount: "checkout",
    service: "checkout",
    idle: true,
  },
  app("web", "storefront-preview", 1, [http], { tier: "preview" }),
  stateful("web", "redis", 1, [{ name: "redis", port: 6379, protocol: "TCP" }]),
  app("payments", "payments-api", 3, [{ name: "https", port: 8443, protocol: "TCP" }, metrics], {
    "pci-scope": "true",
  }),
  app("payments", "fraud", 2, [http, metrics], {}),
  stateful("payments", "postgres", 1, [{ name: "postgres", port: 5432, protocol: "TCP" }]),
  stateful("monitoring", "prometheus", 1, [{ name: "web", port: 9090, protocol: "TCP" }]),
  app("monitoring", "grafana", 1, [{ name: "http", port: 3000, protocol: "TCP" }], {}),
  stateful("monitoring", "loki", 1, [{ name: "http", port: 3100, protocol: "TCP" }]),
  {
    ...app(
      "kube-system",
      "coredns",
      2,
      [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
        { name: "metrics", port: 9153, protocol: "TCP" },
      ],
      {},
    ),
    // kube-dns and CoreDNS share this label, and policies rely on it.
    labels: { "k8s-app": "kube-dns" },
    service: "kube-dns",
  },
  {
    ...app(
      "kube-system",
      "metrics-server",
      1,
      [{ name: "https", port: 10_250, protocol: "TCP" }],
      {},
    ),
    labels: { "k8s-app": "metrics-server" },
    servicePort: 443,
  },
  {
    namespace: "kube-system",
    name: "ingress-nginx",
    kind: "DaemonSet",
    replicas: 3,
    labels: { "app.kubernetes.io/name": "ingress-nginx", app: "ingress-nginx" },
    ports: [{ name: "https", port: 443, protocol: "TCP" }],
    serviceAccount: "ingress-nginx",
  },
  app("default", "ci-runner", 2, [], { purpose: "build" }),
];

function app(
  namespace: string,
  name: string,
  replicas: number,
  ports: Workload["ports"],
  labels: Record<string, string>,
): WorkloadPlan {
  return {
    namespace,
    name,
    kind: "Deployment",
    replicas,
    labels: { app: name, ...labels },
    ports,
    serviceAccount: name,
  };
}

function stateful(
  namespace: string,
  name: string,
  replicas: number,
  ports: Workload["ports"],
): WorkloadPlan {
  return { ...app(namespace, name, replicas, ports, {}), kind: "StatefulSet" };
}

/** Names outside the cluster, with addresses from the ranges kept for documentation (RFC 5737). */
export const OUTSIDE_NAMES: readonly { name: string; ips: string[] }[] = [
  { name: "api.paywell.example", ips: ["203.0.113.20", "203.0.113.21"] },
  { name: "mirror.debpkgs.example", ips: ["198.51.100.80"] },
  { name: "ingest.errtrack.example", ips: ["203.0.113.140"] },
  { name: "dns.resolver.example", ips: ["192.0.2.53"] },
];

export const METADATA_IP = "169.254.169.254";
