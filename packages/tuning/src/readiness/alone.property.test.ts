import * as fc from "fast-check";
import { decide, isDenial, matchContext, parseManifests } from "@dropscope/policy";
import { expect, test } from "vitest";
import { clusterWith, type TestFlow, trafficOf } from "../rules/testing.js";
import { connectionOfEdge } from "../traffic/index.js";
import { defaultDenyYaml } from "./default-deny.js";
import { readinessOf } from "./readiness.js";

const flow: fc.Arbitrary<TestFlow> = fc.record({
  from: fc.constantFrom("shop/web", "shop/jobs", "ops/probe", "host", "203.0.113.7"),
  to: fc.constantFrom("shop/db", "shop/web", "ops/api", "203.0.113.7"),
  port: fc.constantFrom(443, 5432),
  verdict: fc.constantFrom("FORWARDED" as const, "AUDIT" as const, "DROPPED" as const),
  hour: fc.integer({ min: 0, max: 40 }),
});

const policy = fc
  .record({
    namespace: fc.constantFrom("shop", "ops"),
    app: fc.constantFrom("web", "db", "api"),
    types: fc.constantFrom("[Ingress]", "[Egress]", "[Ingress, Egress]"),
    peer: fc.constantFrom(
      "podSelector: {}",
      "namespaceSelector: {}",
      "ipBlock: { cidr: 0.0.0.0/0 }",
    ),
  })
  .map(
    ({ namespace, app, types, peer }) => `kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: { name: ${app}-x, namespace: ${namespace} }
spec:
  podSelector: { matchLabels: { app: ${app} } }
  policyTypes: ${types}
  ingress: [{ from: [{ ${peer} }] }]
  egress: [{ to: [{ ${peer} }], ports: [{ port: 443 }] }]
`,
  );

test("what would break is what a default deny of that namespace alone denies, judged edge by edge", () => {
  fc.assert(
    fc.property(
      // A pod does not connect to itself, and nothing is told twice, with two outcomes.
      fc.uniqueArray(
        flow.filter(({ from, to }) => from !== to),
        { minLength: 1, maxLength: 20, selector: ({ from, to, port }) => `${from} ${to} ${port}` },
      ),
      fc.uniqueArray(policy, { maxLength: 4, selector: (text) => /metadata.*/.exec(text)?.[0] }),
      (flows, policies) => {
        const traffic = trafficOf(flows, 48);
        const cluster = clusterWith(policies.join("---\n"), traffic);
        const context = matchContext(cluster.profile, cluster.view.context());
        const { namespaces } = readinessOf(traffic, cluster);
        for (const { namespace, wouldBreak } of namespaces) {
          const alone = [
            ...cluster.policies,
            ...parseManifests(defaultDenyYaml(namespace), "x").policies,
          ];
          const broken = traffic.edges.filter((edge) => {
            const found = connectionOfEdge(edge, cluster.moment);
            if (!found.known || edge.outcome === "dropped") return false;
            const { from, to } = found.connection;
            const { egress, ingress } = decide(found.connection, alone, context);
            return (
              (from.namespace === namespace && isDenial(egress.outcome)) ||
              (to.namespace === namespace && isDenial(ingress.outcome))
            );
          });
          expect(wouldBreak.edges).toBe(broken.length);
        }
      },
    ),
    { numRuns: 40 },
  );
});
