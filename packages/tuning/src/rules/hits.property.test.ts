import * as fc from "fast-check";
import { decide, matchContext } from "@dropscope/policy";
import { expect, test } from "vitest";
import { connectionOfEdge, foldFlows } from "../traffic/index.js";
import { useOfRules } from "./rules.js";
import { clusterWith, type TestFlow, testFlow, trafficOf } from "./testing.js";

const ENDS = ["shop/web", "shop/db", "shop/cache", "ops/probe", "host", "203.0.113.7"];

const flow: fc.Arbitrary<TestFlow> = fc.record({
  from: fc.constantFrom(...ENDS),
  to: fc.constantFrom("shop/web", "shop/db", "shop/cache", "203.0.113.7"),
  port: fc.constantFrom(80, 443, 5432),
  hour: fc.integer({ min: 0, max: 30 }),
  verdict: fc.constantFrom("FORWARDED" as const, "DROPPED" as const),
});

const peer = fc.constantFrom(
  "fromEndpoints: [{ matchLabels: { app: web } }]",
  "fromEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': ops } }]",
  "fromEntities: [host, world]",
  "fromEndpoints: [{}]",
  "fromCIDR: [203.0.113.0/24]",
);
const ports = fc.constantFrom(
  "",
  "\n      toPorts: [{ ports: [{ port: '5432', protocol: TCP }] }]",
);
const section = fc.constantFrom("ingress", "ingressDeny");
const policy = fc
  .record({
    app: fc.constantFrom("web", "db", "cache"),
    rules: fc.array(fc.record({ section, peer, ports }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ app, rules }) => {
    const of = (name: string): string =>
      rules
        .filter((rule) => rule.section === name)
        .map((rule) => `    - ${rule.peer}${rule.ports}\n`)
        .join("");
    const lists = ["ingress", "ingressDeny"].filter((name) => of(name) !== "");
    return `spec:\n  endpointSelector: { matchLabels: { app: ${app} } }\n${lists.map((name) => `  ${name}:\n${of(name)}`).join("")}`;
  });

test("hits of a rule are those of judging each flow by itself with the evaluator that walks every rule", () => {
  fc.assert(
    fc.property(
      fc.array(flow, { minLength: 1, maxLength: 25 }),
      fc.array(policy, { minLength: 1, maxLength: 4 }),
      (flows, specs) => {
        const yaml = specs
          .map(
            (spec, index) =>
              `apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: { name: p${index}, namespace: shop }\n${spec}`,
          )
          .join("---\n");
        const traffic = trafficOf(flows, 31);
        const cluster = clusterWith(yaml, traffic);
        const { rules } = useOfRules(traffic, cluster, { lints: [] });
        const context = matchContext(cluster.profile, cluster.view.context());
        const wanted = new Map<string, number>();
        for (const one of flows) {
          const [edge] = foldFlows([testFlow(one)]).edges;
          const found = connectionOfEdge(edge!, cluster.moment);
          if (!found.known) continue;
          const decision = decide(found.connection, cluster.policies, context);
          for (const side of [decision.egress, decision.ingress])
            for (const { policy: of, rule } of [...side.by, ...(side.alsoNamed ?? [])])
              if (rule.action === (one.verdict === "DROPPED" ? "deny" : "allow")) {
                const key = `${of.name} ${rule.place.path}`;
                wanted.set(key, (wanted.get(key) ?? 0) + 1);
              }
        }
        for (const { policy: of, path, flows: count, trend } of rules) {
          expect(count).toBe(wanted.get(`${of.name} ${path}`) ?? 0);
          expect(trend.reduce((sum, step) => sum + step, 0)).toBe(count);
        }
      },
    ),
    { numRuns: 40 },
  );
});
