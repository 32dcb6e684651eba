import type { Flow } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { always, dbIngress, drop, explainBy, pod, world } from "./testing.js";

/** The flow without some of its fields. */
function without(flow: Flow, ...keys: (keyof Flow)[]): Flow {
  const rest = { ...flow };
  for (const key of keys) delete rest[key];
  return rest;
}

const EVERY_POD = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: web }
spec: { podSelector: {} }
`;
const PODS = `
apiVersion: v1
kind: Pod
metadata: { name: db-0, namespace: web, labels: { app: db } }
spec: { containers: [{ name: c, image: i, ports: [{ name: pg, containerPort: 5432 }] }] }
status: { podIP: 10.0.2.9 }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-0, namespace: web, labels: { app: checkout } }
spec: { containers: [{ name: c, image: i }] }
status: { podIP: 10.0.1.5 }
`;

describe("labels", () => {
  const bare = drop({
    source: { namespace: "web", pod_name: "checkout-0" },
    destination: { namespace: "web", pod_name: "db-0" },
  });

  test("none in the flow: the catalog's pod of that name", () => {
    expect(explainBy(`${PODS}---${dbIngress()}`, bare)).toMatchObject({
      outcome: "default-deny",
      selecting: [{ name: "db-ingress" }],
      nearest: { failed: [{ wanted: "app=api", got: "app=checkout" }] },
    });
  });

  test("nor a name: the pod that has the address", () => {
    const flow = without(bare, "source", "destination");
    expect(explainBy(`${PODS}---${dbIngress()}`, flow)).toMatchObject({
      outcome: "default-deny",
      nearest: { failed: [{ got: "app=checkout" }] },
    });
  });

  test("nowhere: only a policy for the whole namespace is named, and no nearest rule", () => {
    const explanation = explainBy(`${dbIngress()}---${EVERY_POD}`, bare);
    expect(explanation).toMatchObject({
      outcome: "default-deny",
      selecting: [{ name: "default-deny" }],
      nearest: null,
    });
    expect(explanation.sentence).toContain("the flow tells no labels of web/db");
    const none = explainBy(dbIngress(), bare);
    expect(none).toMatchObject({ outcome: "unexplained", selecting: [] });
    expect(none.sentence).toContain("the flow tells no labels of web/db");
  });

  test("of the peer only: the policies are named, the nearest rule is not guessed", () => {
    const explanation = explainBy(dbIngress(), drop({ source: {} }));
    expect(explanation).toMatchObject({ outcome: "default-deny", nearest: null });
    expect(explanation.sentence).toContain("the flow tells no labels of 10.0.1.5");
  });

  test("those of the flow count, not what the catalog says of the pod", () => {
    const relabelled = PODS.replace("app: checkout", "app: api");
    expect(explainBy(`${relabelled}---${dbIngress()}`, drop())).toMatchObject({
      outcome: "default-deny",
      nearest: { failed: [{ got: "app=checkout" }] },
    });
  });

  test("without a source they are labels of Kubernetes; the namespace's come from the catalog", () => {
    const yaml = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: teams, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: a } } }] }]
---
apiVersion: v1
kind: Namespace
metadata: { name: web, labels: { team: b } }
`;
    const flow = drop({
      source: { namespace: "web", labels: ["app=checkout"] },
      destination: { namespace: "web", labels: ["app=db"] },
    });
    expect(explainBy(yaml, flow)).toMatchObject({
      selecting: [{ name: "teams" }],
      nearest: { failed: [{ wanted: "namespace label team=a", got: "namespace label team=b" }] },
    });
  });

  test("named ports come from the catalog", () => {
    const named = dbIngress("checkout").replace("port: 5432", "port: pg");
    expect(explainBy(named, drop()).nearest?.failed[0]?.part).toBe("port");
    expect(explainBy(`${PODS}---${named}`, drop())).toMatchObject({ outcome: "unexplained" });
  });

  test("a cluster that flows call otherwise is the one of the policies", () => {
    const shop = (end: Flow["source"]) => ({
      ...end,
      labels: (end?.labels ?? []).map((text) => text.replace("cluster=default", "cluster=shop")),
    });
    const flow = drop({ source: shop(pod("web", "api")), destination: shop(pod("web", "db")) });
    expect(explainBy(dbIngress(), flow).outcome).toBe("unexplained");
    const mesh = drop({ source: shop(pod("web", "api")) });
    expect(explainBy(dbIngress(), mesh)).toMatchObject({
      outcome: "default-deny",
      nearest: { failed: [{ wanted: "cluster default", got: "cluster shop" }] },
    });
  });
});

describe("who the peer is", () => {
  const admits = (from: string) => `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: in, namespace: web }
spec: { endpointSelector: { matchLabels: { app: db } }, ingress: [{ ${from} }] }
`;
  const from = (source: Flow["source"], patch: Flow = {}) => drop({ source: source!, ...patch });

  test.each([
    ["a reserved number alone", { identity: 2 }, "fromEntities: [world]"],
    ["world", world(), "fromCIDR: [10.0.0.0/8]"],
    [
      "a CIDR label and nothing else",
      { identity: 16777217, labels: ["cidr:10.0.1.5/32"] },
      "fromCIDR: [10.0.1.5/32]",
    ],
    ["an identity that is local to its node", { identity: 16777304 }, "fromCIDR: [10.0.0.0/8]"],
    [
      "another node",
      { identity: 6, labels: ["reserved:remote-node"] },
      "fromEntities: [remote-node]",
    ],
    ["another node by its local identity", { identity: 33554433 }, "fromEntities: [remote-node]"],
    ["the API server on a node", { identity: 7 }, "fromEntities: [kube-apiserver]"],
    ["health checks", { identity: 4, labels: ["reserved:health"] }, "fromEntities: [health]"],
  ])("%s", (_, source, allowing) => {
    expect(explainBy(admits(allowing), from(source)).outcome).toBe("unexplained");
    // Negative control: what it is not, denies it.
    expect(explainBy(admits("fromEntities: [ingress]"), from(source))).toMatchObject({
      outcome: "default-deny",
      selecting: [{ name: "in" }],
    });
  });

  test("the address stands in a CIDR label where the packet has none", () => {
    const source = { labels: ["cidr:10.0.1.5/32", "reserved:world"] };
    const flow = without(from(source), "IP");
    expect(explainBy(admits("fromCIDR: [10.0.1.0/24]"), flow).outcome).toBe("unexplained");
    expect(explainBy(admits("fromCIDR: [10.0.2.0/24]"), flow).outcome).toBe("default-deny");
  });

  test("a subject that was still starting is not blamed on a policy", () => {
    const flow = drop({ destination: { identity: 5, labels: ["reserved:init"] } });
    const explanation = explainBy(EVERY_POD, flow);
    expect(explanation.outcome).toBe("unexplained");
    expect(explanation.sentence).toContain("identity init");
  });
});

describe("ports and protocols", () => {
  test.each([
    ["no layer 4 at all", without(drop(), "l4")],
    ["no port", drop({ l4: { TCP: {} } })],
    ["a protocol that no policy knows", drop({ l4: { VRRP: {} } })],
    ["a port that is none", drop({ l4: { TCP: { destination_port: 70_000 } } })],
  ])("%s: the policies are named, the nearest rule is not guessed", (_, flow) => {
    const explanation = explainBy(dbIngress(), flow);
    expect(explanation).toMatchObject({
      outcome: "default-deny",
      selecting: [{ name: "db-ingress" }],
      nearest: null,
    });
    expect(explanation.sentence).toContain("no protocol and port");
  });

  test("ICMP is judged by its type", () => {
    const flow = drop({ l4: { ICMPv4: { type: 8 } } });
    expect(explainBy(dbIngress("checkout"), flow)).toMatchObject({
      outcome: "default-deny",
      nearest: { failed: [{ part: "protocol", wanted: "TCP", got: "ICMP" }, { part: "port" }] },
    });
  });
});

describe("direction", () => {
  const plain = without(drop(), "traffic_direction");

  test.each<[string, Flow, string]>([
    [
      "the end with an endpoint id",
      { ...plain, destination: { ...pod("web", "db"), ID: 7 } },
      "ingress",
    ],
    ["the policy that is named", { ...plain, ingress_denied_by: [{ name: "x" }] }, "ingress"],
    ["the only pod", { ...plain, source: world() }, "ingress"],
    ["the only pod", { ...plain, destination: world() }, "egress"],
    ["of two pods the one whose policies deny it", plain, "ingress"],
  ])("not stated: %s", (_, flow, direction) => {
    expect(explainBy(dbIngress(), flow).direction).toBe(direction);
  });

  test("not to be told: nobody is blamed", () => {
    const other = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: checkout-egress, namespace: web }
spec: { podSelector: { matchLabels: { app: checkout } }, policyTypes: [Egress] }
`;
    expect(explainBy(`${dbIngress()}---${other}`, plain)).toMatchObject({
      direction: "",
      outcome: "unexplained",
      selecting: [],
    });
  });
});

describe("replies and packets midway", () => {
  test("an answer is never judged", () => {
    expect(explainBy(dbIngress(), drop({ is_reply: true }))).toMatchObject({
      outcome: "unexplained",
      selecting: [],
    });
    // Absent is not the same: the data path does not know on drops.
    expect(explainBy(dbIngress(), drop())).toMatchObject({ outcome: "default-deny" });
  });

  test("a packet that is not the first of its connection is said to be so", () => {
    const flow = drop({ l4: { TCP: { destination_port: 5432, flags: { ACK: true } } } });
    expect(explainBy(dbIngress("checkout"), flow).sentence).toContain("had forgotten");
  });
});

describe("time and reason", () => {
  test.each([[undefined], [""], ["yesterday"], ["1970-01-01T00:00:00Z"]])(
    "%j as the time: the newest policies, and that is said",
    (time) => {
      const flow = time === undefined ? without(drop(), "time") : drop({ time });
      const explanation = explainBy(dbIngress(), flow);
      expect(explanation).toMatchObject({ time: time ?? "", outcome: "default-deny" });
      expect(explanation.sentence).toContain("judged by the newest policies");
    },
  );

  test("no reason at all: what the policies say, or nothing", () => {
    const flow = without(drop(), "drop_reason_desc", "event_type");
    expect(explainBy(dbIngress(), flow)).toMatchObject({ outcome: "default-deny", reason: "" });
    expect(explainBy(dbIngress("checkout"), flow)).toMatchObject({ outcome: "unexplained" });
  });

  test("no policies at all: unexplained, and it says why", () => {
    const explanation = explainBy("", drop());
    expect(explanation).toMatchObject({ outcome: "unexplained", selecting: [], places: [] });
    expect(explanation.sentence).toContain("no policies are known");
  });

  test("a time at which the catalog knew nothing yet is a doubt that is told", () => {
    const catalog = always(dbIngress());
    catalog.apply({
      type: "list",
      at: Date.parse("2026-04-01T00:00:00Z"),
      kind: "Pod",
      objects: [],
    });
    expect(explainBy(catalog, drop()).sentence).toContain("not known for certain");
  });
});
