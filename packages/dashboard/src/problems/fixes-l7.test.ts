import type { Flow, Problem } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { api, ask, checkout } from "./fixes-testing.js";

const API_HTTP = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: api-http
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
          rules:
            http:
              # reading only
              - method: GET
`;

describe("requests that the proxy refuses", () => {
  const refused: Partial<Problem> = {
    outcome: "l7-denied",
    direction: "ingress",
    protocol: "TCP",
    port: 8443,
  };
  const request = (http: object, more: Flow = {}): Flow => ({
    source: checkout,
    destination: api,
    l4: { TCP: { destination_port: 8443 } },
    l7: { type: "REQUEST", http },
    ...more,
  });

  test("the request becomes an entry of the list, escaped, and comments stay", async () => {
    const asked = request({ method: "POST", url: "http://api/v1.0/pay?to=x" });
    const { fixes } = await ask([API_HTTP], refused, asked);
    expect(fixes).toHaveLength(1);
    expect(fixes[0]).toMatchObject({
      title: "Let POST /v1.0/pay pass in the http rules of spec.ingress[0]",
      policy: { name: "api-http" },
    });
    expect(fixes[0]?.diff).toMatch(
      /\+ {14}- method: POST\n\+ {16}path: .*\/v1\\\\?\.0\/pay\(\\\\?\?\.\*\)\?/,
    );
    expect(fixes[0]?.yaml).toContain("# reading only");
  });

  test("what the patch says is let through by the same reading that refused it", async () => {
    const asked = request({ method: "POST", url: "http://api/pay" });
    const before = await ask([API_HTTP], refused, asked);
    const after = await ask([before.fixes[0]!.yaml], refused, asked);
    expect(after).toMatchObject({ fixes: [], noFix: "Nothing has to be changed." });
    const other = await ask(
      [before.fixes[0]!.yaml],
      refused,
      request({ method: "DELETE", url: "http://api/pay" }),
    );
    expect(other.fixes).toHaveLength(1);
  });

  test("a refusal that is logged with the answer is turned round", async () => {
    const asked = request(
      { method: "POST", url: "http://api/pay" },
      {
        is_reply: true,
        source: api,
        destination: checkout,
        l4: { TCP: { source_port: 8443, destination_port: 41_000 } },
      },
    );
    expect((await ask([API_HTTP], refused, asked)).fixes).toHaveLength(1);
  });

  test("a request that the flow does not show is left to a person, with the place", async () => {
    const { fixes, noFix } = await ask([API_HTTP], refused, request({ method: "POST" }));
    expect(fixes).toEqual([]);
    expect(noFix).toContain("spec.ingress[0] of CiliumNetworkPolicy payments/api-http");
  });
});
