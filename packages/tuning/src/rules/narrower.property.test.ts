import * as fc from "fast-check";
import { decide, matchContext, parseManifests, type Policy } from "@dropscope/policy";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { connectionOfEdge } from "../traffic/index.js";
import { useOfRules } from "./rules.js";
import { clusterWith, type TestFlow, trafficOf } from "./testing.js";

const SERVERS = ["shop/db", "shop/cache"];
const flow: fc.Arbitrary<TestFlow> = fc.record({
  from: fc.constantFrom("shop/web", "shop/jobs", "ops/probe", "remote-node", "203.0.113.7"),
  to: fc.constantFrom(...SERVERS),
  port: fc.constantFrom(5432, 6379, 9102),
});

const broad = fc.constantFrom(
  "fromEntities: [all]",
  "fromEntities: [cluster]",
  "fromEndpoints: [{}]",
  "fromEntities: [all]\n      toPorts: [{ ports: [{ port: '1024', endPort: 65535, protocol: TCP }] }]",
  "fromEndpoints: [{ matchLabels: { app: web } }]",
  "toPorts: [{ ports: [{ port: '5432', protocol: TCP }] }]",
);

/** Whom nobody has seen yet. */
const STRANGERS: readonly TestFlow[] = [
  { from: "shop/stranger", to: "shop/db", port: 5432 },
  { from: "dark/miner", to: "shop/db", port: 31337 },
  { from: "198.51.100.1", to: "shop/db", port: 5432 },
];

test("in the place of a broad rule the narrower one lets through what was seen, and nobody new", () => {
  let narrowed = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(flow, {
        minLength: 1,
        maxLength: 12,
        selector: (one) => JSON.stringify(one),
      }),
      fc.array(broad, { minLength: 1, maxLength: 3 }),
      (flows, rules) => {
        const yaml = `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: open, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
${rules.map((rule) => `    - ${rule}\n`).join("")}`;
        const traffic = trafficOf(flows, 2);
        const cluster = clusterWith(yaml, traffic);
        const context = matchContext(cluster.profile, cluster.view.context());
        const passes = (policies: readonly Policy[], from = traffic) =>
          from.edges.map((edge) => {
            const found = connectionOfEdge(edge, cluster.moment);
            return found.known && decide(found.connection, policies, context).allowed;
          });
        for (const { path, findings } of useOfRules(traffic, cluster, { lints: [] }).rules)
          for (const finding of findings) {
            if (finding.kind !== "over-broad" || finding.yaml === "") continue;
            narrowed++;
            const object = parse(yaml) as { spec: { ingress: unknown[] } };
            const index = Number(/\[(\d+)\]$/.exec(path)?.[1]);
            const alone = parsed({
              ...object,
              spec: { ...object.spec, ingress: [object.spec.ingress[index]] },
            });
            const narrow = parse(finding.yaml) as unknown[];
            object.spec.ingress.splice(index, 1, ...narrow);
            expect(passes(parsed(object))).toEqual(passes(cluster.policies));
            // By itself it lets nobody in whom the broad one keeps out, and none of the strangers whom that lets in.
            const own = parsed({ ...object, spec: { ...object.spec, ingress: narrow } });
            for (const [at, allowed] of passes(own).entries())
              if (allowed) expect(passes(alone)[at]).toBe(true);
            expect(passes(own, trafficOf(STRANGERS, 2)).filter(Boolean).length).toBeLessThanOrEqual(
              finding.says.includes("from anybody") || finding.says.includes("entity") ? 0 : 1,
            );
          }
      },
    ),
    { numRuns: 25 },
  );
  expect(narrowed).toBeGreaterThan(10);
});

function parsed(object: unknown): readonly Policy[] {
  const { policies, problems } = parseManifests(stringify(object), "x");
  expect(problems).toEqual([]);
  return policies;
}
