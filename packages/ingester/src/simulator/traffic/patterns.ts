import type { Random } from "../random.js";
import type { HttpExchange } from "./http.js";

/** Who talks to whom in the shop, how often, and how. */
export interface Pattern {
  /** `namespace/workload`, `shoppers` or `kubelet`. */
  from: string;
  /** `namespace/workload`, a name outside the cluster, `nodes` or `apiserver`. */
  to: string;
  port: number;
  weight: number;
  protocol?: "UDP";
  /** Name that the client looks up, and how often it really asks (the rest is cached). */
  lookup?: { name: string; chance: number };
  /** What is said over the connection; seen only where a proxy is on the path. */
  http?: (random: Random) => HttpExchange;
  /** The connection ends with a reset this often. */
  resets?: number;
}

const TOKENS = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789";

function exchange(
  random: Random,
  method: string,
  url: string,
  options: { code?: number; slow?: number; headers?: Record<string, string> } = {},
): HttpExchange {
  const slow = options.slow ?? 12;
  return {
    method,
    url,
    code: options.code ?? (random.chance(0.015) ? 500 : random.chance(0.03) ? 404 : 200),
    latencyMs: random.between(0.8, slow) * (random.chance(0.03) ? 20 : 1),
    headers: options.headers ?? {},
  };
}

const catalogRequest = (random: Random): HttpExchange =>
  exchange(
    random,
    "GET",
    random.chance(0.3)
      ? `http://catalog:8080/search?q=${random.pick(["lamp", "desk", "mug", "rug"])}&page=${1 + random.below(4)}`
      : `http://catalog:8080/products/${1000 + random.below(400)}`,
  );

const cartRequest = (random: Random): HttpExchange => {
  const session = random.text(24, TOKENS);
  const authorization = { Authorization: `Bearer ${random.text(32, TOKENS)}` };
  return random.chance(0.4)
    ? exchange(random, "POST", `http://cart:8080/items?session=${session}`, {
        headers: authorization,
        code: random.chance(0.02) ? 409 : 201,
      })
    : exchange(
        random,
        "GET",
        `http://cart:8080/cart?session=${session}&token=${random.text(20, TOKENS)}`,
        {
          headers: authorization,
        },
      );
};

export const PATTERNS: readonly Pattern[] = [
  { from: "shoppers", to: "kube-system/ingress-nginx", port: 443, weight: 9, resets: 0.05 },
  { from: "kube-system/ingress-nginx", to: "web/frontend", port: 3000, weight: 9 },
  {
    from: "web/frontend",
    to: "web/catalog",
    port: 8080,
    weight: 12,
    lookup: { name: "catalog", chance: 0.1 },
    http: catalogRequest,
  },
  {
    from: "web/frontend",
    to: "web/cart",
    port: 8080,
    weight: 8,
    lookup: { name: "cart", chance: 0.1 },
    http: cartRequest,
  },
  {
    from: "web/frontend",
    to: "web/checkout",
    port: 8080,
    weight: 4,
    lookup: { name: "checkout", chance: 0.1 },
  },
  {
    from: "web/storefront-preview",
    to: "web/catalog",
    port: 8080,
    weight: 1,
    http: catalogRequest,
  },
  {
    from: "web/checkout",
    to: "web/cart",
    port: 8080,
    weight: 3,
    lookup: { name: "cart", chance: 0.5 },
    http: cartRequest,
  },
  {
    from: "web/checkout",
    to: "payments/payments-api",
    port: 8443,
    weight: 4,
    lookup: { name: "payments-api.payments", chance: 0.6 },
  },
  {
    from: "web/checkout",
    to: "payments/fraud",
    port: 8080,
    weight: 1,
    lookup: { name: "fraud.payments", chance: 0.5 },
  },
  { from: "web/cart", to: "web/redis", port: 6379, weight: 6 },
  { from: "web/catalog", to: "web/redis", port: 6379, weight: 4 },
  {
    from: "payments/payments-api",
    to: "payments/fraud",
    port: 8080,
    weight: 3,
    lookup: { name: "fraud", chance: 0.3 },
  },
  { from: "payments/payments-api", to: "payments/postgres", port: 5432, weight: 4 },
  {
    from: "payments/payments-api",
    to: "api.paywell.example",
    port: 443,
    weight: 3,
    lookup: { name: "api.paywell.example", chance: 0.5 },
  },
  { from: "payments/fraud", to: "payments/postgres", port: 5432, weight: 2 },
  {
    from: "web/frontend",
    to: "ingest.errtrack.example",
    port: 443,
    weight: 1,
    lookup: { name: "ingest.errtrack.example", chance: 0.3 },
  },
  {
    from: "default/ci-runner",
    to: "mirror.debpkgs.example",
    port: 443,
    weight: 1,
    lookup: { name: "mirror.debpkgs.example", chance: 0.6 },
    resets: 0.1,
  },
  { from: "monitoring/prometheus", to: "nodes", port: 9100, weight: 1 },
  { from: "monitoring/prometheus", to: "kube-system/coredns", port: 9153, weight: 1 },
  { from: "monitoring/prometheus", to: "payments/payments-api", port: 9102, weight: 1 },
  { from: "monitoring/prometheus", to: "payments/fraud", port: 9102, weight: 1 },
  { from: "monitoring/prometheus", to: "web/catalog", port: 9102, weight: 1 },
  { from: "monitoring/prometheus", to: "web/cart", port: 9102, weight: 1 },
  { from: "monitoring/prometheus", to: "web/frontend", port: 9102, weight: 1 },
  { from: "monitoring/grafana", to: "monitoring/prometheus", port: 9090, weight: 1 },
  { from: "monitoring/grafana", to: "monitoring/loki", port: 3100, weight: 1 },
  { from: "kube-system/metrics-server", to: "nodes", port: 10_250, weight: 1 },
  { from: "kube-system/coredns", to: "apiserver", port: 6443, weight: 1 },
  { from: "kube-system/coredns", to: "dns.resolver.example", port: 53, protocol: "UDP", weight: 2 },
  { from: "kubelet", to: "web/frontend", port: 3000, weight: 1 },
  { from: "kubelet", to: "web/catalog", port: 8080, weight: 1 },
  { from: "kubelet", to: "payments/payments-api", port: 8443, weight: 1 },
];
