import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clusterWith, type TestFlow, trafficOf } from "../rules/testing.js";
import { suggest } from "../suggest/index.js";
import { readinessOf } from "./readiness.js";

const flow: fc.Arbitrary<TestFlow> = fc
  .record({
    from: fc.constantFrom("shop/web", "shop/jobs", "shop/db", "ops/probe", "203.0.113.7"),
    to: fc.constantFrom("shop/db", "shop/web", "ops/api", "kube-system/coredns", "198.51.100.9"),
    port: fc.constantFrom(53, 443, 5432),
    hour: fc.integer({ min: 0, max: 47 }),
  })
  .map((one) => (one.port === 53 ? Object.assign({}, one, { protocol: "UDP" as const }) : one))
  .filter(({ from, to }) => from !== to);

test("under what is proposed for a namespace its default deny breaks nothing, and it is enforced", () => {
  fc.assert(
    fc.property(
      fc.array(flow, { minLength: 1, maxLength: 15 }),
      fc.constantFrom("workload" as const, "namespace" as const),
      (flows, mode) => {
        const traffic = trafficOf([{ from: "shop/web", to: "shop/db", port: 5432 }, ...flows], 48);
        const { yaml } = suggest(traffic, clusterWith("", traffic), { namespaces: ["shop"], mode });
        const proposed = clusterWith(yaml, traffic);
        const [found] = readinessOf(traffic, proposed, { namespace: "shop" }).namespaces;
        expect(found).toMatchObject({
          stage: "enforced",
          dns: "allowed",
          wouldBreak: { edges: 0, flows: 0 },
        });
      },
    ),
    { numRuns: 15 },
  );
});
