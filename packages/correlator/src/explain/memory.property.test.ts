import { type Flow } from "@dropscope/model";
import { PROFILES, type Revisions } from "@dropscope/policy";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createExplainer, type Explainer } from "./explainer.js";
import { explainFlow } from "./explain-flow.js";
import { AT, dbIngress, drop, pod, told, type Told } from "./testing.js";

// What an explainer remembers must never show: whatever the cluster did meanwhile, and however late
// it was heard of, the answer is that of one who knows nothing but the catalog.

const profile = PROFILES.cilium;
const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
/** Seconds from the time of most flows: long ago, around them, and later. */
const moment = one(-7000, -800, -300, -30, -9, -2, -1, 0, 1, 2, 5, 60);

const podYaml = (name: string, app: string, address: string, port: number): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: web, labels: { app: ${app} } }
spec: { containers: [{ name: c, image: i, ports: [{ name: sql, containerPort: ${port} }] }] }
status: { podIP: ${address}, podIPs: [{ ip: ${address} }] }
`;

const byName = (port: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-names, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ podSelector: {} }], ports: [{ port: ${port} }] }]
`;

const byNamespace = (team: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-team, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: ${team} } } }] }]
`;

type Action = (cluster: Told) => Flow | undefined;

const set =
  (at: number, yaml: string): Action =>
  (cluster) => {
    cluster.set(at, yaml);
    return undefined;
  };
const remove =
  (at: number, kind: "NetworkPolicy" | "Pod", name: string): Action =>
  ({ catalog }) => {
    catalog.apply({ type: "delete", at: AT + at * 1000, id: { kind, namespace: "web", name } });
    return undefined;
  };

const pods = one("db-0", "db-1", "checkout-0");
const actions: fc.Arbitrary<Action> = fc.oneof(
  fc
    .record({
      at: moment,
      yaml: one(
        dbIngress(),
        dbIngress("checkout"),
        dbIngress("web", 80),
        byName("sql"),
        byName("5432"),
        byNamespace("a"),
        byNamespace("b"),
        ...["a", "b"].map(
          (team) => `
apiVersion: v1
kind: Namespace
metadata: { name: web, labels: { team: ${team} } }
`,
        ),
      ),
    })
    .map(({ at, yaml }) => set(at, yaml)),
  fc
    .record({
      at: moment,
      name: pods,
      app: one("db", "checkout", "web"),
      address: one("10.0.2.9", "10.0.2.10", "10.9.1.1"),
      port: one(5432, 80),
    })
    .map(({ at, name, app, address, port }) => set(at, podYaml(name, app, address, port))),
  fc
    .record({ at: moment, name: one("db-ingress", "db-names", "db-team") })
    .map(({ at, name }) => remove(at, "NetworkPolicy", name)),
  fc.record({ at: moment, name: pods }).map(({ at, name }) => remove(at, "Pod", name)),
  {
    weight: 6,
    arbitrary: fc
      .record({
        at: moment,
        from: one(
          pod("web", "checkout"),
          { ...pod("web", "checkout"), pod_name: "checkout-0" },
          { namespace: "web", pod_name: "checkout-0" },
          {},
        ),
        to: one(
          pod("web", "db"),
          { ...pod("web", "db"), pod_name: "db-0" },
          { namespace: "web", pod_name: "db-1" },
        ),
        ips: one({}, { IP: { source: "10.9.1.1", destination: "10.0.2.9" } }),
        port: one(5432, 80),
        reason: one("POLICY_DENIED", "STALE_OR_UNROUTABLE_IP"),
      })
      .map(({ at, from, to, ips, port, reason }): Action => {
        const flow: Flow = {
          ...drop(),
          ...ips,
          time: new Date(AT + at * 1000).toISOString(),
          source: from,
          destination: to,
          drop_reason_desc: reason,
          l4: { TCP: { destination_port: port } },
        };
        return () => flow;
      }),
  },
);

function remembersRightly(
  revisionsOf: (cluster: Told) => () => Revisions,
  numRuns: number,
): ReturnType<typeof fc.check> {
  return fc.check(
    fc.property(fc.array(actions, { minLength: 4, maxLength: 30 }), (all) => {
      const cluster = told().set(-7200, dbIngress());
      const explainer: Explainer = createExplainer({
        history: cluster.catalog,
        profile,
        revisions: revisionsOf(cluster),
      });
      for (const action of all) {
        const flow = action(cluster);
        if (flow !== undefined)
          expect(explainer.explain(flow)).toEqual(explainFlow(flow, cluster.catalog, { profile }));
      }
    }),
    { numRuns },
  ) as ReturnType<typeof fc.check>;
}

test("an explainer that remembers says what one says that does not, whatever changed meanwhile", () => {
  const found = remembersRightly(
    ({ catalog }) =>
      () =>
        catalog.revisions(),
    400,
  );
  expect(found, fc.defaultReportMessage(found as never) ?? "no report").toMatchObject({
    failed: false,
  });
});

test("one that hears of nothing is wrong (control)", () => {
  expect(remembersRightly(() => () => ({ objects: 0, pods: 0 }), 400)).toMatchObject({
    failed: true,
  });
});

test("one that does not hear of pods is wrong too (control)", () => {
  const found = remembersRightly(
    ({ catalog }) =>
      () => ({ objects: catalog.revisions().objects, pods: 0 }),
    400,
  );
  expect(found).toMatchObject({ failed: true });
});
