import type { Flow } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { AT, drop, explainBy, pod, told } from "./testing.js";

const HTTP = (rule: string) => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: db-http, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: checkout } }]
      toPorts: [{ ports: [{ port: "8080", protocol: TCP }], rules: { http: [${rule}] } }]
`;

function request(patch: Flow = {}): Flow {
  const { drop_reason_desc: _, ...rest } = drop({
    event_type: { type: 129 },
    Type: "L7",
    l4: { TCP: { source_port: 40000, destination_port: 8080 } },
    is_reply: false,
    l7: { type: "REQUEST", http: { method: "POST", url: "http://db:8080/admin?x=1" } },
    ...patch,
  });
  return rest;
}

describe("HTTP", () => {
  test("which list of rules, and what it wanted", () => {
    const yaml = HTTP("{ method: GET, path: /admin }, { method: GET, path: /public }");
    const explanation = explainBy(yaml, request());
    expect(explanation).toMatchObject({
      outcome: "l7-denied",
      selecting: [{ name: "db-http" }],
      denying: [],
      nearest: {
        policy: "web/db-http",
        rule: "spec.ingress[0]",
        failed: [{ part: "l7", wanted: "GET /admin", got: "POST /admin" }],
      },
      agreement: "cilium-silent",
      reason: "",
      next: "If it is wanted, add it to the http rules of spec.ingress[0] of CiliumNetworkPolicy web/db-http.",
    });
    expect(explanation.sentence).toMatch(/the proxy refused POST \/admin: .* answered 403\.$/);
    expect(explanation.places[0]).toMatchObject({ role: "nearest", source: "p.yaml:9" });
  });

  test("a refusal that is logged with the answer is the request's", () => {
    const { source, destination, IP } = request();
    const answer = request({
      is_reply: true,
      source: destination!,
      destination: source!,
      IP: { source: IP!.destination!, destination: IP!.source! },
      l4: { TCP: { source_port: 8080, destination_port: 40000 } },
    });
    const yaml = HTTP("{ method: GET }");
    expect(explainBy(yaml, answer)).toEqual(explainBy(yaml, request()));
  });

  test("a request that our reading lets pass: unexplained, and the rule is named", () => {
    const explanation = explainBy(HTTP('{ method: "GET|POST", path: "/ad.*" }'), request());
    expect(explanation).toMatchObject({ outcome: "unexplained", selecting: [], nearest: null });
    expect(explanation.sentence).toContain("lets it pass");
  });

  test("an expression that is not understood is no contradiction", () => {
    const explanation = explainBy(HTTP('{ path: "(/a[[:alpha:]]+)+" }'), request());
    expect(explanation).toMatchObject({ outcome: "l7-denied" });
  });

  test("a list that was changed just then", () => {
    const { catalog } = told()
      .set(-3600, HTTP("{ method: GET }"))
      .set(-2, HTTP("{ method: POST }"));
    expect(explainBy(catalog, request())).toMatchObject({
      outcome: "policy-changed",
      change: { name: "db-http", action: "changed" },
      nearest: { failed: [{ wanted: "GET", got: "POST /admin" }] },
    });
  });

  test("no L7 rule that is known: the proxy's word, and nobody is blamed", () => {
    const yaml = HTTP("{ method: GET }").replace("app: checkout", "app: api");
    expect(explainBy(yaml, request())).toMatchObject({ outcome: "l7-denied", nearest: null });
    expect(explainBy("", request())).toMatchObject({ outcome: "l7-denied", selecting: [] });
  });
});

test("DNS: the names that the rule passes, and the name that was asked for", () => {
  const yaml = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: checkout-dns, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: checkout } }
  egress:
    - toEndpoints: [{ matchLabels: { "k8s:io.kubernetes.pod.namespace": kube-system } }]
      toPorts:
        - ports: [{ port: "53", protocol: ANY }]
          rules: { dns: [{ matchPattern: "*.example.com" }, { matchName: db.web.svc }] }
`;
  const query = (name: string) =>
    request({
      time: new Date(AT).toISOString(),
      traffic_direction: "EGRESS",
      destination: pod("kube-system", "coredns"),
      l4: { UDP: { destination_port: 53 } },
      l7: { type: "REQUEST", dns: { query: name, qtypes: ["A"] } },
    });
  expect(explainBy(yaml, query("cart.web.svc."))).toMatchObject({
    direction: "egress",
    outcome: "l7-denied",
    nearest: {
      policy: "web/checkout-dns",
      failed: [{ part: "l7", wanted: "*.example.com, db.web.svc", got: "query A cart.web.svc." }],
    },
  });
  expect(explainBy(yaml, query("a.example.com."))).toMatchObject({ outcome: "unexplained" });
});
