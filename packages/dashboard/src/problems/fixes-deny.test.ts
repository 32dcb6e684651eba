import type { Flow, Problem } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { api, ask, checkout, DEFAULT_DENY } from "./fixes-testing.js";

const DENY_WEB = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata:
  name: deny-web
  namespace: payments
spec:
  endpointSelector:
    matchLabels:
      app: api
  ingressDeny:
    - fromEndpoints:
        - matchLabels:
            k8s:io.kubernetes.pod.namespace: web
`;

describe("what is forbidden twice", () => {
  const denied: Partial<Problem> = {
    outcome: "denied-by-rule",
    direction: "ingress",
    protocol: "TCP",
    port: 8443,
  };
  const flow: Flow = {
    source: checkout,
    destination: api,
    l4: { TCP: { destination_port: 8443 } },
  };

  test("an exception to the deny rule and the rule that allows it are one patch", async () => {
    const { fixes } = await ask([DENY_WEB, DEFAULT_DENY], denied, flow);
    expect(fixes[0]?.title).toMatch(
      /^Leave pods with app=checkout out of spec\.ingressDeny\[0\], and in .*: Add /,
    );
    expect(fixes[0]?.effect).toContain("on purpose");
    expect(fixes[0]?.diff.match(/^--- /gm)).toHaveLength(2);
    // Both together let it through.
    const yaml = fixes[0]!.yaml;
    const whole = yaml.includes("name: default-deny") ? [yaml] : [yaml, DEFAULT_DENY];
    expect(await ask(whole, denied, flow)).toMatchObject({ noFix: "Nothing has to be changed." });
    // The first alone does not: that is why it takes both.
    const [first] = yaml.split("---\n");
    const half = await ask([first!, DEFAULT_DENY], denied, flow);
    expect(half.fixes.length).toBeGreaterThan(0);
  });

  test("where the rule leaves nothing to except, it says what it would take", async () => {
    const outright = DENY_WEB.replace(/fromEndpoints:[^]*$/, "fromEntities: [all]\n");
    const { fixes, noFix } = await ask([outright, DEFAULT_DENY], denied, flow);
    expect(fixes).toEqual([]);
    expect(noFix).toContain("spec.ingressDeny[0] of CiliumNetworkPolicy payments/deny-web");
    expect(noFix).toContain("it takes two changes");
    expect(noFix).toContain("narrow the rule by hand");
  });
});
