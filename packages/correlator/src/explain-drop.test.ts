import type { Flow } from "@dropscope/model";
import { parseManifests } from "@dropscope/policy";
import { describe, expect, test } from "vitest";
import { explainDrop } from "./explain-drop.js";

const drop: Flow = {
  verdict: "DROPPED",
  drop_reason_desc: "POLICY_DENIED",
  traffic_direction: "EGRESS",
  IP: { source: "10.0.1.5", destination: "10.0.2.9", ipVersion: "IPv4" },
  l4: { UDP: { source_port: 40000, destination_port: 53 } },
  source: {
    namespace: "web",
    pod_name: "checkout-5d8f-abcde",
    labels: ["k8s:app=checkout", "k8s:io.kubernetes.pod.namespace=web"],
    workloads: [{ name: "checkout", kind: "Deployment" }],
  },
  destination: {
    namespace: "kube-system",
    pod_name: "coredns-1",
    workloads: [{ name: "coredns" }],
  },
};

const { policies } = parseManifests(
  `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: checkout-egress, namespace: web }
spec: { podSelector: { matchLabels: { app: checkout } }, policyTypes: [Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: cart-egress, namespace: web }
spec: { podSelector: { matchLabels: { app: cart } }, policyTypes: [Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: checkout-ingress, namespace: web }
spec: { podSelector: { matchLabels: { app: checkout } } }
`,
  "web.yaml",
);

describe("default deny", () => {
  test("names the policies that isolate the endpoint in the direction of the drop, and no other", () => {
    const explanation = explainDrop(drop, policies);
    expect(explanation).toMatchObject({
      cause: "default-deny",
      source: "policies",
      policies: [{ name: "checkout-egress", namespace: "web", kind: "NetworkPolicy" }],
    });
    expect(explanation.sentence).toBe(
      "web/checkout to kube-system/coredns on UDP 53 was dropped: web/checkout-egress makes deny the default for egress of web/checkout, and no rule allowed it.",
    );
  });

  test("without known policies it says so and invents none", () => {
    expect(explainDrop(drop, [])).toMatchObject({
      cause: "default-deny",
      source: "datapath",
      policies: [],
    });
  });

  test("a drop on ingress is judged by the policies of the destination", () => {
    const flow: Flow = {
      ...drop,
      traffic_direction: "INGRESS",
      source: drop.destination!,
      destination: drop.source!,
    };
    expect(explainDrop(flow, policies).policies.map((policy) => policy.name)).toEqual([
      "checkout-ingress",
    ]);
  });
});

test("an explicit deny is what the data path says, whatever the policies are", () => {
  const flow: Flow = {
    ...drop,
    drop_reason_desc: "POLICY_DENY",
    egress_denied_by: [{ name: "no-dns", namespace: "web" }],
  };
  expect(explainDrop(flow, policies)).toMatchObject({
    cause: "explicit-deny",
    source: "datapath",
    policies: [{ name: "no-dns", namespace: "web" }],
  });
});

test.each([
  [{ drop_reason_desc: "AUTH_REQUIRED" }, "authentication"],
  [{ drop_reason_desc: "STALE_OR_UNROUTABLE_IP" }, "not-a-policy"],
  [{ drop_reason_desc: 250 }, "not-a-policy"],
  [{ drop_reason_desc: 0 }, "unexplained"],
] as const)("%j → %s", (patch, cause) => {
  expect(explainDrop({ ...drop, ...patch }, policies).cause).toBe(cause);
});

test("a drop by the proxy is an L7 denial", () => {
  const { drop_reason_desc: _, ...rest } = drop;
  const flow: Flow = { ...rest, Type: "L7", l7: { type: "REQUEST", http: { method: "GET" } } };
  expect(explainDrop(flow, policies)).toMatchObject({ cause: "l7-denied" });
});
