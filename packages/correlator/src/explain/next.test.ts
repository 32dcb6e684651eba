import { describe, expect, test } from "vitest";
import { drop, explainBy, pod } from "./testing.js";

const egress = (rules: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: checkout-egress, namespace: web }
spec:
  podSelector: { matchLabels: { app: checkout } }
  policyTypes: [Egress]
  egress: [${rules}]
`;

const lookup = drop({
  traffic_direction: "EGRESS",
  l4: { UDP: { source_port: 40000, destination_port: 53 } },
  destination: pod("kube-system", "coredns", ["k8s:k8s-app=kube-dns"]),
});

describe("what to do next", () => {
  test("a rule that is about something else is not advised about: DNS gets a rule of its own, for both protocols", () => {
    // The nearest rule names no namespace, as if that were all that kept coredns out of it.
    const cart =
      "{ to: [{ podSelector: { matchLabels: { app: cart } } }], ports: [{ port: 8080 }] }";
    const { next, nearest } = explainBy(egress(cart), lookup);
    expect(nearest).toMatchObject({ rule: "spec.egress[0]" });
    expect(next).toBe(
      "If it is wanted, add to NetworkPolicy web/checkout-egress a rule of egress that allows UDP and TCP 53 to kube-system/coredns.",
    );
  });

  test("a clause that is all that fails is advised about", () => {
    const noNamespace =
      "{ to: [{ podSelector: { matchLabels: { k8s-app: kube-dns } } }], ports: [{ protocol: UDP, port: 53 }] }";
    expect(explainBy(egress(noNamespace), lookup).next).toMatch(
      /names no namespace.* add a namespaceSelector with kubernetes\.io\/metadata\.name: kube-system/,
    );
    const noProtocol = "{ to: [{ namespaceSelector: {} }], ports: [{ port: 53 }] }";
    expect(explainBy(egress(noProtocol), lookup).next).toMatch(/is TCP alone.* protocol: UDP/);
  });

  test("among several rules the one that a single clause keeps out", () => {
    const both =
      "{ to: [{ podSelector: { matchLabels: { app: cart } } }], ports: [{ port: 8080 }] }, { to: [{ namespaceSelector: {} }], ports: [{ port: 53 }] }";
    expect(explainBy(egress(both), lookup).next).toMatch(/is TCP alone/);
  });
});
