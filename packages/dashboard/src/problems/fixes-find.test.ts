import type { Flow, Problem } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { api, ask, checkout, DEFAULT_DENY, dns, pod } from "./fixes-testing.js";

const CHECKOUT_EGRESS = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: checkout-egress
  namespace: web
spec:
  podSelector:
    matchLabels:
      app: checkout
  policyTypes: [Egress]
  egress:
    # the cart
    - to:
        - podSelector:
            matchLabels:
              app: cart
      ports:
        - protocol: TCP
          port: 8080
`;

const API_INGRESS = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: api
  namespace: payments
spec:
  endpointSelector:
    matchLabels:
      app: api
  ingress:
    - fromEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: web
            app: checkout
      toPorts:
        - ports:
            - port: "8443"
              protocol: TCP
`;

const DENY_METADATA = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: no-metadata
  namespace: web
spec:
  endpointSelector: {}
  egress:
    - toEntities: [all]
  egressDeny:
    - toCIDRSet:
        - cidr: 169.254.0.0/16
`;

describe("edits that end a problem", () => {
  test("a rule for DNS where the policy has none: both protocols, comments stay", async () => {
    const { fixes, noFix } = await ask(
      [CHECKOUT_EGRESS],
      {},
      { source: checkout, destination: dns, l4: { UDP: { destination_port: 53 } } },
    );
    expect(noFix).toBe("");
    expect(fixes[0]?.title).toBe(
      "Add a rule for UDP and TCP 53 to pods with k8s-app=kube-dns in kube-system",
    );
    expect(fixes[0]?.diff).toMatchInlineSnapshot(`
      "--- a/checkout-egress.yaml
      +++ b/checkout-egress.yaml
      @@ -17,3 +17,15 @@
             ports:
               - protocol: TCP
                 port: 8080
      +    - to:
      +        - namespaceSelector:
      +            matchLabels:
      +              kubernetes.io/metadata.name: kube-system
      +          podSelector:
      +            matchLabels:
      +              k8s-app: kube-dns
      +      ports:
      +        - protocol: UDP
      +          port: 53
      +        - protocol: TCP
      +          port: 53
      "
    `);
  });

  test("only the port fails: the port goes into the rule that names the peer", async () => {
    const { fixes } = await ask(
      [API_INGRESS],
      { direction: "ingress", protocol: "TCP", port: 9464 },
      { source: checkout, destination: api, l4: { TCP: { destination_port: 9464 } } },
    );
    expect(fixes[0]?.title).toBe("Add TCP 9464 to spec.ingress[0]");
    expect(fixes[0]?.diff).toContain(`+            - port: "9464"\n+              protocol: TCP`);
    expect(fixes[0]?.effect).toContain("Everybody whom that rule names");
  });

  test("only the peer fails: it goes into the rule that has the port", async () => {
    const renamed = pod("web", "checkout-v2", { app: "checkout-v2" });
    const { fixes } = await ask(
      [API_INGRESS],
      { direction: "ingress", protocol: "TCP", port: 8443 },
      { source: renamed, destination: api, l4: { TCP: { destination_port: 8443 } } },
    );
    expect(fixes[0]?.title).toBe("Add pods with app=checkout-v2 in web to spec.ingress[0]");
    expect(fixes.map(({ title }) => title)).toContain(
      "Add a rule for TCP 8443 from pods with app=checkout-v2 in web",
    );
  });

  test("where only a policy for everybody selects the pod, a policy of its own is offered too", async () => {
    const { fixes } = await ask(
      [DEFAULT_DENY],
      { direction: "ingress", protocol: "TCP", port: 8443 },
      { source: checkout, destination: api, l4: { TCP: { destination_port: 8443 } } },
    );
    const own = fixes.find(({ policy }) => policy.name === "api-ingress-tcp-8443");
    expect(own?.yaml).toContain("kind: NetworkPolicy\nmetadata:\n  name: api-ingress-tcp-8443");
    expect(own?.diff).toContain("@@ -0,0 +1,");
  });

  test("a deny rule is narrowed, with a warning", async () => {
    const { fixes } = await ask(
      [DENY_METADATA],
      { outcome: "denied-by-rule", protocol: "TCP", port: 80 },
      {
        source: checkout,
        destination: { identity: 2, labels: ["reserved:world"] },
        IP: { source: "10.0.0.1", destination: "169.254.169.254" },
        l4: { TCP: { destination_port: 80 } },
      },
    );
    expect(fixes.map(({ title }) => title)).toEqual([
      "Leave 169.254.169.254/32 out of spec.egressDeny[0]",
    ]);
    expect(fixes[0]?.effect).toContain("on purpose");
  });

  test("where both ends deny, one patch mends both, and what it opens is counted", async () => {
    const { fixes } = await ask(
      [CHECKOUT_EGRESS, DEFAULT_DENY],
      { protocol: "TCP", port: 8443 },
      { source: checkout, destination: api, l4: { TCP: { destination_port: 8443 } } },
    );
    expect(fixes[0]?.remains).toBe("");
    expect(fixes[0]?.edits.map(({ policy }) => policy.namespace)).toEqual(["web", "payments"]);
    expect(fixes[0]?.allows).toMatchObject({ pairs: 1, asked: 1, connections: 1, beyond: [] });
  });
});

describe("where there is none, it says why", () => {
  test.each<[string, Partial<Problem>, string[], RegExp]>([
    ["no policy decided", { outcome: "not-policy" }, [CHECKOUT_EGRESS], /No policy decided/],
    ["allowed meanwhile", {}, [], /Nothing has to be changed/],
    [
      "everything is folded",
      { folded: "everything" },
      [CHECKOUT_EGRESS],
      /Too many different connections/,
    ],
  ])("%s", async (_name, change, manifests, message) => {
    const flow: Flow = {
      source: checkout,
      destination: dns,
      l4: { UDP: { destination_port: 53 } },
    };
    const { fixes, noFix } = await ask(manifests, change, flow);
    expect(fixes).toEqual([]);
    expect(noFix).toMatch(message);
  });
});
