import { describe, expect, test } from "vitest";
import { api, db, entity, ordinary, outside, propose, talk, web, week } from "./testing.js";

describe("a namespace", () => {
  test("gets policies as a person would write them", () => {
    expect(propose(ordinary).yaml).toMatchInlineSnapshot(`
      "# Denies what no other policy allows.

      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: default-deny
        namespace: shop
        annotations:
          dropscope.io/ignore: NP101
      spec:
        podSelector: {}
        policyTypes:
          - Ingress
          - Egress
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: api
        namespace: shop
      spec:
        podSelector:
          matchLabels:
            app: api
        policyTypes:
          - Ingress
          - Egress
        ingress:
          # api may be reached by monitoring/prometheus on TCP 9102.
          - from:
              - namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: monitoring
                podSelector:
                  matchLabels:
                    app.kubernetes.io/name: prometheus
            ports:
              - protocol: TCP
                port: 9102
          # api may be reached by web on TCP 8080.
          - from:
              - podSelector:
                  matchLabels:
                    app: web
            ports:
              - protocol: TCP
                port: 8080
        egress:
          # api may look up names at kube-system/coredns, TCP and UDP 53.
          - to:
              - namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: kube-system
                podSelector:
                  matchLabels:
                    k8s-app: kube-dns
            ports:
              - protocol: TCP
                port: 53
              - protocol: UDP
                port: 53
          # api may reach db on TCP 5432.
          - to:
              - podSelector:
                  matchLabels:
                    app: db
            ports:
              - protocol: TCP
                port: 5432
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: db
        namespace: shop
      spec:
        podSelector:
          matchLabels:
            app: db
        policyTypes:
          - Ingress
          - Egress
        ingress:
          # db may be reached by api on TCP 5432.
          - from:
              - podSelector:
                  matchLabels:
                    app: api
            ports:
              - protocol: TCP
                port: 5432
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: web
        namespace: shop
      spec:
        podSelector:
          matchLabels:
            app: web
        policyTypes:
          - Ingress
          - Egress
        egress:
          # web may look up names at kube-system/coredns, TCP and UDP 53.
          - to:
              - namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: kube-system
                podSelector:
                  matchLabels:
                    k8s-app: kube-dns
            ports:
              - protocol: TCP
                port: 53
              - protocol: UDP
                port: 53
          # web may reach api on TCP 8080.
          - to:
              - podSelector:
                  matchLabels:
                    app: api
            ports:
              - protocol: TCP
                port: 8080
      "
    `);
  });

  test("is said in Cilium's words where a NetworkPolicy has none", () => {
    const { yaml } = propose([
      ...ordinary,
      ...talk(api, entity("172.18.0.2", "kube-apiserver", "remote-node"), {
        port: 6443,
        hours: week,
      }),
      ...talk(api, outside("203.0.113.7", ["api.example.com"]), { port: 443, hours: week }),
      ...talk(entity("10.0.9.1", "host"), api, { port: 8080, hours: week }),
      ...talk(entity("10.0.9.2", "remote-node"), web, { port: 8080, hours: week }),
      ...talk(web, outside("198.51.100.7"), { port: 5671, hours: week }),
      ...talk(web, db, { port: 0, icmp: 8, hours: week }),
    ]);
    expect(yaml).toMatchInlineSnapshot(`
      "# Denies what no other policy allows.

      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata:
        name: default-deny
        namespace: shop
        annotations:
          dropscope.io/ignore: NP101
      spec:
        endpointSelector: {}
        ingress:
          - {}
        egress:
          - {}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata:
        name: api
        namespace: shop
      spec:
        endpointSelector:
          matchLabels:
            app: api
        ingress:
          # api may be reached by monitoring/prometheus on TCP 9102.
          - fromEndpoints:
              - matchLabels:
                  k8s:io.kubernetes.pod.namespace: monitoring
                  app.kubernetes.io/name: prometheus
            toPorts:
              - ports:
                  - port: "9102"
                    protocol: TCP
          # api may be reached by web on TCP 8080.
          - fromEndpoints:
              - matchLabels:
                  app: web
            toPorts:
              - ports:
                  - port: "8080"
                    protocol: TCP
        egress:
          # api may look up names at kube-system/coredns, TCP and UDP 53.
          - toEndpoints:
              - matchLabels:
                  k8s:io.kubernetes.pod.namespace: kube-system
                  k8s-app: kube-dns
            toPorts:
              - ports:
                  - port: "53"
                    protocol: TCP
                  - port: "53"
                    protocol: UDP
                rules:
                  dns:
                    - matchPattern: "*"
          # api may reach db on TCP 5432.
          - toEndpoints:
              - matchLabels:
                  app: db
            toPorts:
              - ports:
                  - port: "5432"
                    protocol: TCP
          # api may reach the API server on TCP 6443.
          - toEntities:
              - kube-apiserver
            toPorts:
              - ports:
                  - port: "6443"
                    protocol: TCP
          # api may reach api.example.com on TCP 443.
          - toFQDNs:
              - matchName: api.example.com
            toPorts:
              - ports:
                  - port: "443"
                    protocol: TCP
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata:
        name: db
        namespace: shop
      spec:
        endpointSelector:
          matchLabels:
            app: db
        ingress:
          # db may be reached by api on TCP 5432.
          - fromEndpoints:
              - matchLabels:
                  app: api
            toPorts:
              - ports:
                  - port: "5432"
                    protocol: TCP
          # db may be reached by web on ICMP type 8.
          - fromEndpoints:
              - matchLabels:
                  app: web
            icmps:
              - fields:
                  - type: 8
                    family: IPv4
        egress:
          - {}
      ---
      apiVersion: cilium.io/v2
      kind: CiliumNetworkPolicy
      metadata:
        name: web
        namespace: shop
      spec:
        endpointSelector:
          matchLabels:
            app: web
        ingress:
          # web may be reached by other nodes on TCP 8080.
          - fromEntities:
              - remote-node
            toPorts:
              - ports:
                  - port: "8080"
                    protocol: TCP
        egress:
          # web may look up names at kube-system/coredns, TCP and UDP 53.
          - toEndpoints:
              - matchLabels:
                  k8s:io.kubernetes.pod.namespace: kube-system
                  k8s-app: kube-dns
            toPorts:
              - ports:
                  - port: "53"
                    protocol: TCP
                  - port: "53"
                    protocol: UDP
          # web may reach api on TCP 8080.
          - toEndpoints:
              - matchLabels:
                  app: api
            toPorts:
              - ports:
                  - port: "8080"
                    protocol: TCP
          # web may reach db on ICMP type 8.
          - toEndpoints:
              - matchLabels:
                  app: db
            icmps:
              - fields:
                  - type: 8
                    family: IPv4
          # web may reach 198.51.100.7 on TCP 5671.
          - toCIDR:
              - 198.51.100.7/32
            toPorts:
              - ports:
                  - port: "5671"
                    protocol: TCP
      "
    `);
  });
});
