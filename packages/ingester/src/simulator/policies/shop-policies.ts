import { METADATA_IP } from "../cluster/shop.js";
import type {
  CiliumNetworkPolicy,
  CiliumPorts,
  NetworkPeer,
  NetworkPolicy,
  NetworkPort,
  Selector,
  ShopPolicy,
} from "./types.js";

// The policies of the shop when nothing is wrong: every connection of the
// normal traffic passes under them. The incidents replace single ones.

/** By file name, as `dropscope simulate --policies` writes them. */
export function shopPolicies(): Map<string, ShopPolicy> {
  const list = [
    checkoutEgress(true),
    redis(),
    catalog(),
    cart(),
    noCloudMetadata(),
    paymentsDefaultDeny(),
    paymentsApi(),
    paymentsApiEgress(),
    fraud(true),
    postgres(),
    denyWebToPostgres(),
    loki(),
  ];
  return new Map(list.map((policy) => [fileOf(policy), policy]));
}

export function fileOf(policy: ShopPolicy): string {
  return `${policy.metadata.name}.yaml`;
}

const tcp = (...ports: number[]): NetworkPort[] => ports.map((port) => ({ protocol: "TCP", port }));
const app = (name: string): Selector => ({ matchLabels: { app: name } });
const namespace = (name: string): Selector => ({
  matchLabels: { "kubernetes.io/metadata.name": name },
});
const ciliumTcp = (...ports: number[]): CiliumPorts["ports"] =>
  ports.map((port) => ({ port: String(port), protocol: "TCP" }));
const DNS_PORTS: NetworkPort[] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];
const PROMETHEUS: NetworkPeer = {
  namespaceSelector: namespace("monitoring"),
  podSelector: app("prometheus"),
};

/** @param withDns Without it the policy forbids the name lookups that everything else starts with. */
export function checkoutEgress(withDns: boolean): NetworkPolicy {
  const dns = {
    to: [
      {
        namespaceSelector: namespace("kube-system"),
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
    ],
    ports: DNS_PORTS,
  };
  return networkPolicy("web", "checkout-egress", {
    podSelector: app("checkout"),
    policyTypes: ["Egress"],
    egress: [
      ...(withDns ? [dns] : []),
      { to: [{ podSelector: app("cart") }], ports: tcp(8080) },
      {
        to: [
          {
            namespaceSelector: { matchLabels: { team: "payments" } },
            podSelector: app("payments-api"),
          },
        ],
        ports: tcp(8443),
      },
      {
        to: [
          { namespaceSelector: { matchLabels: { team: "payments" } }, podSelector: app("fraud") },
        ],
        ports: tcp(8080),
      },
    ],
  });
}

/** @param and One list item (checkout pods of web) or two (anything of web, or checkout pods here). */
export function fraud(and: boolean): NetworkPolicy {
  const web = { namespaceSelector: namespace("web") };
  const checkout = { podSelector: app("checkout") };
  return networkPolicy("payments", "fraud-ingress", {
    podSelector: app("fraud"),
    policyTypes: ["Ingress"],
    ingress: [
      { from: and ? [{ ...web, ...checkout }] : [web, checkout], ports: tcp(8080) },
      { from: [{ podSelector: app("payments-api") }], ports: tcp(8080) },
      { from: [PROMETHEUS], ports: tcp(9102) },
    ],
  });
}

function paymentsApi(): NetworkPolicy {
  return networkPolicy("payments", "payments-api-ingress", {
    podSelector: app("payments-api"),
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ namespaceSelector: namespace("web"), podSelector: app("checkout") }],
        ports: tcp(8443),
      },
      { from: [PROMETHEUS], ports: tcp(9102) },
    ],
  });
}

function paymentsApiEgress(): CiliumNetworkPolicy {
  return ciliumPolicy("payments", "payments-api-egress", {
    endpointSelector: app("payments-api"),
    egress: [
      {
        toEndpoints: [
          {
            matchLabels: {
              "k8s:io.kubernetes.pod.namespace": "kube-system",
              "k8s-app": "kube-dns",
            },
          },
        ],
        toPorts: [
          {
            ports: [
              { port: "53", protocol: "UDP" },
              { port: "53", protocol: "TCP" },
            ],
            rules: { dns: [{ matchPattern: "*" }] },
          },
        ],
      },
      {
        toFQDNs: [{ matchName: "api.paywell.example" }],
        toPorts: [{ ports: ciliumTcp(443) }],
      },
      { toEndpoints: [app("fraud")], toPorts: [{ ports: ciliumTcp(8080) }] },
      { toEndpoints: [app("postgres")], toPorts: [{ ports: ciliumTcp(5432) }] },
    ],
  });
}

function paymentsDefaultDeny(): NetworkPolicy {
  return networkPolicy("payments", "default-deny-ingress", {
    podSelector: {},
    policyTypes: ["Ingress"],
  });
}

function postgres(): NetworkPolicy {
  return networkPolicy("payments", "postgres-ingress", {
    podSelector: app("postgres"),
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ podSelector: app("payments-api") }, { podSelector: app("fraud") }],
        ports: tcp(5432),
      },
    ],
  });
}

function denyWebToPostgres(): CiliumNetworkPolicy {
  return ciliumPolicy("payments", "deny-web-to-postgres", {
    description:
      "Card data: nothing of the shop window may reach the database, whatever else allows it.",
    endpointSelector: app("postgres"),
    ingressDeny: [
      { fromEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": "web" } }] },
    ],
  });
}

function redis(): NetworkPolicy {
  return networkPolicy("web", "redis-ingress", {
    podSelector: app("redis"),
    policyTypes: ["Ingress"],
    ingress: [
      { from: [{ podSelector: app("cart") }, { podSelector: app("catalog") }], ports: tcp(6379) },
    ],
  });
}

function loki(): NetworkPolicy {
  return networkPolicy("monitoring", "loki-ingress", {
    podSelector: app("loki"),
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ podSelector: app("grafana") }], ports: tcp(3100) }],
  });
}

const SCRAPE = {
  fromEndpoints: [
    { matchLabels: { "k8s:io.kubernetes.pod.namespace": "monitoring", app: "prometheus" } },
  ],
  toPorts: [{ ports: ciliumTcp(9102) }],
};

function catalog(): CiliumNetworkPolicy {
  return ciliumPolicy("web", "catalog-http", {
    endpointSelector: app("catalog"),
    ingress: [
      {
        fromEndpoints: [app("frontend"), app("storefront-preview")],
        toPorts: [{ ports: ciliumTcp(8080), rules: { http: [{ method: "GET" }] } }],
      },
      SCRAPE,
    ],
  });
}

function cart(): CiliumNetworkPolicy {
  return ciliumPolicy("web", "cart-http", {
    endpointSelector: app("cart"),
    ingress: [
      {
        fromEndpoints: [app("frontend"), app("checkout"), app("checkout-v2")],
        toPorts: [
          {
            ports: ciliumTcp(8080),
            rules: { http: [{ method: "GET" }, { method: "POST" }, { method: "DELETE" }] },
          },
        ],
      },
      SCRAPE,
    ],
  });
}

function noCloudMetadata(): CiliumNetworkPolicy {
  return ciliumPolicy("web", "no-cloud-metadata", {
    endpointSelector: {},
    // A deny rule alone would put every pod of the namespace into default deny.
    enableDefaultDeny: { egress: false },
    egressDeny: [{ toCIDR: [`${METADATA_IP}/32`] }],
  });
}

function networkPolicy(ns: string, name: string, spec: NetworkPolicy["spec"]): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: ns },
    spec,
  };
}

function ciliumPolicy(
  ns: string,
  name: string,
  spec: CiliumNetworkPolicy["spec"],
): CiliumNetworkPolicy {
  return {
    apiVersion: "cilium.io/v2",
    kind: "CiliumNetworkPolicy",
    metadata: { name, namespace: ns },
    spec,
  };
}
