import { DROP_OUTCOMES, type Flow } from "@dropscope/model";
import { PROFILES } from "@dropscope/policy";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createExplainer } from "./explainer.js";
import { explainFlow } from "./explain-flow.js";
import { createDropPairs } from "./pairs.js";
import { AT, dbIngress, drop, pod, told, world } from "./testing.js";

const profile = PROFILES.cilium;
const { catalog } = told()
  .set(-3600, dbIngress())
  .set(-300, dbIngress("web"))
  .set(-6, dbIngress("checkout"))
  .set(1, dbIngress("checkout", 80))
  .set(
    -3600,
    `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: db-http, namespace: web }
spec:
  endpointSelector: { matchLabels: { app: db } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: checkout } }]
      toPorts: [{ ports: [{ port: "8080", protocol: TCP }], rules: { http: [{ method: GET }] } }]
  ingressDeny: [{ fromCIDR: [10.9.0.0/16] }]
`,
  );

const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 6 });
const end = one(
  pod("web", "checkout"),
  pod("web", "db"),
  pod("web", "web"),
  pod("other", "db"),
  { namespace: "web", pod_name: "db-0" },
  { identity: 16777217 },
  { identity: 5 },
  world(),
  world(["cidr:10.9.1.1/32"]),
  { identity: 1, labels: ["reserved:host"] },
  {},
);
const flows: fc.Arbitrary<Flow> = fc
  .record({
    time: one(
      ...[-7000, -400, -299, -10, -1, 0, 2, 60].map((s) => new Date(AT + s * 1000).toISOString()),
      "?",
    ),
    drop_reason_desc: maybe(
      one<string | number>(
        "POLICY_DENIED",
        "POLICY_DENY",
        "AUTH_REQUIRED",
        "STALE_OR_UNROUTABLE_IP",
        250,
        "?",
      ),
    ),
    verdict: one("DROPPED", "AUDIT"),
    traffic_direction: maybe(one("INGRESS", "EGRESS", "?")),
    source: maybe(end),
    destination: maybe(end),
    event_type: maybe(one({ type: 1 }, { type: 5 }, { type: 129 }, {})),
    l4: maybe(
      one(
        { TCP: { destination_port: 5432 } },
        { TCP: { destination_port: 80, flags: { ACK: true } } },
        { TCP: { destination_port: 8080 } },
        { UDP: {} },
        { ICMPv4: { type: 8 } },
        {},
      ),
    ),
    l7: maybe(
      one(
        { http: { method: "POST", url: "/" } },
        { http: { method: "GET" } },
        { dns: { query: "a." } },
      ),
    ),
    is_reply: maybe(fc.boolean()),
    ingress_denied_by: maybe(
      one([{ name: "db-http", namespace: "web" }], [{ name: "db-ingress" }], [{}]),
    ),
    IP: maybe(one({ source: "10.9.1.1", destination: "10.0.2.9" }, { source: "::1" }, {})),
  })
  .map(defined);

function defined(patch: object): Flow {
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  return { ...drop(), ...(Object.fromEntries(given) as Flow) };
}

test("every flow gets an answer, twice the same, and remembering changes none", () => {
  const revisions = () => ({ objects: 1, pods: 1 });
  const remembering = createExplainer({ history: catalog, profile, revisions });
  fc.assert(
    fc.property(flows, (flow) => {
      const first = explainFlow(flow, catalog, { profile });
      expect(explainFlow(structuredClone(flow), catalog, { profile })).toEqual(first);
      expect(remembering.explain(flow)).toEqual(first);
      expect(DROP_OUTCOMES).toContain(first.outcome);
      expect(first.sentence).toMatch(/\S\.$/);
      // Nobody is blamed where the outcome says that nobody is known.
      if (first.outcome === "unexplained" || first.outcome === "not-policy")
        expect([first.selecting, first.denying, first.nearest]).toEqual([[], [], null]);
      if (first.outcome === "default-deny") expect(first.selecting.length).toBeGreaterThan(0);
      if (first.agreement === "cilium-silent" && first.outcome === "denied-by-rule")
        expect(first.denying.every(({ rule }) => rule !== "")).toBe(true);
      if (first.outcome === "policy-changed") expect(first.change).not.toBeNull();
    }),
    { numRuns: 3000 },
  );
});

test("a flow whose fields are anything at all is answered too", () => {
  const anything = fc.oneof(
    fc.anything({ maxDepth: 2 }),
    one<unknown>(null, 0, -1, 1e300, "", "\u202e", [], [null], {}, { labels: [1, null] }),
  );
  fc.assert(
    fc.property(
      flows,
      fc.array(
        fc.tuple(
          one(...Object.keys(drop()), "l7", "egress_denied_by", "node_labels", "source_names"),
          anything,
        ),
        { maxLength: 4 },
      ),
      (flow, mutations) => {
        const mutated = { ...flow, ...Object.fromEntries(mutations) } as Flow;
        const explanation = explainFlow(mutated, catalog, { profile });
        expect(explanation.sentence).not.toBe("");
        expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
        const pairs = createDropPairs();
        expect([...pairs.push(mutated), ...pairs.flush()]).toHaveLength(1);
      },
    ),
    { numRuns: 2000 },
  );
});

test("the order in which policies were heard of does not count", () => {
  const other = dbIngress("cart").replace("db-ingress", "another");
  const [a, b] = [told(), told()];
  a.set(-60, dbIngress()).set(-60, other);
  b.set(-60, other).set(-60, dbIngress());
  expect(explainFlow(drop(), a.catalog, { profile }).selecting).toEqual(
    explainFlow(drop(), b.catalog, { profile }).selecting,
  );
});
