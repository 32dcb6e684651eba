import { beforeEach, describe, expect, it } from "vitest";
import type { Workload } from "../objects.js";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createCatalog, type Catalog, type CatalogRecord } from "./index.js";
import type { CatalogObject, Change } from "./objects.js";

const place = { file: "-", line: 1, column: 1, path: "" };
const FOREVER = Number.POSITIVE_INFINITY;

function pod(name: string, address: string, labels: Record<string, string> = {}): CatalogObject {
  const value: Workload = {
    kind: "Pod",
    name,
    namespace: "shop",
    labels,
    serviceAccount: "default",
    hostNetwork: false,
    ports: [],
    addresses: [address],
    place,
  };
  return { kind: "Pod", namespace: "shop", name, value };
}

function policy(name: string, spec: string): CatalogObject {
  const { policies, problems } = parseManifests(
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}, namespace: shop}, spec: ${spec}}`,
    "-",
  );
  expect(problems).toEqual([]);
  return { kind: "NetworkPolicy", namespace: "shop", name, value: policies };
}

const denyAll = policy("p", "{podSelector: {}, policyTypes: [Ingress]}");
const fromWeb = policy(
  "p",
  "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]}",
);

describe("the catalog", () => {
  let catalog: Catalog;
  const set = (at: number, object: CatalogObject, uid = ""): void =>
    catalog.apply({ type: "set", at, object, uid });
  const allowed = (at: number, from = "shop/web", to = "shop/db"): boolean | undefined =>
    catalog.at(at).decide(from, to, "TCP", 80)?.allowed;

  beforeEach(() => {
    catalog = createCatalog({ profile: PROFILES.kubernetes });
    set(100, pod("web", "10.0.0.1", { app: "web" }));
    set(100, pod("db", "10.0.0.2", { app: "db" }));
  });

  it("judges by the policies of the moment", () => {
    set(200, denyAll);
    set(300, fromWeb);
    catalog.apply({ type: "delete", at: 400, id: denyAll });
    expect([150, 200, 250, 300, 399, 400].map((at) => allowed(at))).toEqual([
      true,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(allowed(350, "shop/db", "shop/web")).toBe(false);
    expect(catalog.at(250).policies()).toEqual(denyAll.value);
    expect(catalog.at(150).policies()).toEqual([]);
  });

  it("gives the same answers whatever the order of arrival", () => {
    const changes: Change[] = [
      { type: "set", at: 200, object: denyAll, uid: "a" },
      { type: "delete", at: 250, id: denyAll, uid: "a" },
      { type: "set", at: 250, object: fromWeb, uid: "b" },
      { type: "set", at: 300, object: denyAll, uid: "b" },
    ];
    const times = [150, 225, 250, 275, 300, 1000];
    const expected = [true, false, true, true, false, false];
    for (const order of [changes, changes.toReversed(), [2, 0, 3, 1].map((i) => changes[i])]) {
      const other = createCatalog({ profile: PROFILES.kubernetes });
      for (const object of [pod("web", "10.0.0.1", { app: "web" }), pod("db", "10.0.0.2")])
        other.apply({ type: "set", at: 0, object });
      for (const change of order) {
        if (change !== undefined) other.apply(change);
        // Asked in between, so that nothing that is remembered survives a late change.
        other.at(275).decide("shop/web", "shop/db", "TCP", 80);
      }
      const answers = times.map((at) => other.at(at).decide("shop/web", "shop/db", "TCP", 80));
      expect(answers.map((answer) => answer?.allowed)).toEqual(expected);
    }
  });

  it("keeps a re-created object apart from the one that had its name", () => {
    set(200, denyAll, "old");
    set(300, fromWeb, "new");
    // The word of the first one's end comes late, and is not about the second.
    catalog.apply({ type: "delete", at: 310, id: denyAll, uid: "old" });
    expect(allowed(250)).toBe(false);
    expect(allowed(400)).toBe(true);
    expect(catalog.changes(299, 301)).toMatchObject([
      { at: 300, id: { name: "p" }, before: { uid: "old", to: 300 }, after: { uid: "new" } },
    ]);
  });

  it("knows who had an address, also when another pod got it", () => {
    catalog.apply({ type: "delete", at: 200, id: pod("web", "10.0.0.1") });
    set(201, pod("late", "10.0.0.1", { app: "late" }));
    const nameAt = (at: number): string | undefined => catalog.at(at).endpoint("10.0.0.1")?.name;
    expect([99, 150, 200, 201].map(nameAt)).toEqual([
      "10.0.0.1",
      "shop/web",
      "10.0.0.1",
      "shop/late",
    ]);
    expect(catalog.at(150).endpoint("10.0.0.1")?.kind).toBe("pod");
    expect(catalog.at(99).endpoint("shop/web")).toBeUndefined();
    expect(allowed(99)).toBeUndefined();
  });

  it("follows the labels of namespaces and the names of addresses", () => {
    const labelled = (team: string): CatalogObject => ({
      kind: "Namespace",
      namespace: "",
      name: "shop",
      value: { name: "shop", labels: { team } },
    });
    set(200, labelled("red"));
    set(300, labelled("blue"));
    const team = (at: number): string | undefined =>
      catalog
        .at(at)
        .endpoint("shop/web")
        ?.labels.value("io.cilium.k8s.namespace.labels.team", "k8s");
    expect([150, 200, 300].map(team)).toEqual([undefined, "red", "blue"]);
    expect(catalog.at(150).namespaceLabels("shop")).toEqual({
      "kubernetes.io/metadata.name": "shop",
    });

    catalog.apply({
      type: "resolved",
      at: 100,
      until: 130,
      name: "A.example.com.",
      address: "192.0.2.1",
    });
    catalog.apply({
      type: "resolved",
      at: 120,
      until: 150,
      name: "a.example.com",
      address: "192.0.2.1",
    });
    const names = (at: number): readonly string[] | undefined =>
      catalog.at(at).endpoint("192.0.2.1")?.fqdns;
    expect([99, 100, 149, 150].map(names)).toEqual([[], ["a.example.com"], ["a.example.com"], []]);
  });

  it("resolves nodes, entities and pods of the host network", () => {
    set(100, {
      kind: "Node",
      namespace: "",
      name: "n1",
      value: { name: "n1", labels: {}, addresses: ["192.168.0.1"], podCidrs: [], place },
    });
    const agent = pod("agent", "192.168.0.1");
    const value = { ...(agent.value as Workload), hostNetwork: true, nodeName: "n1" };
    set(150, { kind: "Pod", namespace: "shop", name: "agent", value });
    const view = catalog.at(200);
    expect(view.endpoint("192.168.0.1")).toMatchObject({ kind: "remote-node", name: "n1" });
    expect(view.endpoint("n1")?.name).toBe("n1");
    expect(view.endpoint("shop/agent")).toMatchObject({ kind: "remote-node", hostNetwork: true });
    expect(view.endpoint("host")?.kind).toBe("host");
    expect(view.endpoint("nobody")).toBeUndefined();
  });

  it("says how neighbouring epochs judge, and what changed between them", () => {
    set(200_000, denyAll);
    set(203_000, pod("other", "10.0.0.9"));
    const question = { from: "shop/web", to: "shop/db", protocol: "TCP", port: 80 } as const;
    expect(catalog.around(question, 205_000)).toMatchObject([
      { from: 195_000, to: 200_000, isAsked: false, decision: { allowed: true }, changes: [] },
      {
        from: 200_000,
        to: 207_000,
        isAsked: true,
        decision: { allowed: false },
        changes: [{ id: { name: "p" } }],
      },
    ]);
    expect(catalog.around(question, 205_000, { before: 1000 })).toMatchObject([
      { isAsked: true, decision: { allowed: false } },
    ]);
    // Clocks differ: the change may be seen too early.
    expect(catalog.around(question, 199_000)).toMatchObject([
      { isAsked: true, decision: { allowed: true } },
      { from: 200_000, decision: { allowed: false } },
    ]);
  });

  it("is uncertain before the first list and while nothing was watched", () => {
    catalog.apply({
      type: "list",
      at: 1000,
      kind: "NetworkPolicy",
      objects: [{ object: denyAll, uid: "a", created: 500 }],
    });
    expect(allowed(499)).toBe(true);
    expect(allowed(500)).toBe(false);
    expect([999, 1000, 5000].map((at) => catalog.at(at).isCertain)).toEqual([false, true, true]);

    catalog.apply({ type: "list", at: 2000, since: 1500, kind: "NetworkPolicy", objects: [] });
    expect([1500, 1501, 1999, 2000].map((at) => catalog.at(at).isCertain)).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(allowed(1999)).toBe(false);
    expect(allowed(2000)).toBe(true);
  });

  it("goes through a store as plain data, in any order", () => {
    set(200, denyAll, "a");
    set(300, fromWeb, "b");
    catalog.apply({ type: "delete", at: 400, id: fromWeb, uid: "b" });
    catalog.apply({ type: "resolved", at: 1, until: 900, name: "x.org", address: "192.0.2.1" });
    catalog.apply({ type: "list", at: 150, kind: "NetworkPolicy", objects: [] });
    const records = JSON.parse(JSON.stringify([...catalog.records()])) as CatalogRecord[];
    for (const order of [records, records.toReversed()]) {
      const loaded = createCatalog({ profile: PROFILES.kubernetes });
      loaded.load(order);
      for (const at of [50, 150, 250, 350, 450]) {
        const [view, again] = [catalog.at(at), loaded.at(at)];
        expect(again.decide("shop/web", "shop/db", "TCP", 80)).toEqual(
          view.decide("shop/web", "shop/db", "TCP", 80),
        );
        expect(again.isCertain).toBe(view.isCertain);
        expect(again.endpoint("192.0.2.1")?.fqdns).toEqual(["x.org"]);
      }
      expect(loaded.changes(0, FOREVER)).toEqual(catalog.changes(0, FOREVER));
    }
  });

  it("forgets what ended before a time, and says that it is uncertain about it", () => {
    set(200, denyAll);
    set(300, fromWeb);
    set(5000, denyAll);
    catalog.forget(1000);
    expect(allowed(2000)).toBe(true);
    expect(allowed(6000)).toBe(false);
    expect(catalog.at(250).policies()).toEqual([]);
    expect([999, 1000].map((at) => catalog.at(at).isCertain)).toEqual([false, true]);
    expect([...catalog.records()].filter(({ record }) => record === "version")).toHaveLength(4);
  });

  it("judges CIDR groups and services as they were", () => {
    const cilium = createCatalog({ profile: PROFILES.cilium });
    const { policies, cidrGroups } = parseManifests(
      `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  endpointSelector: {}
  egress: [{toCIDRSet: [{cidrGroupRef: outside}]}]
---
apiVersion: cilium.io/v2
kind: CiliumCIDRGroup
metadata: {name: outside}
spec: {externalCIDRs: [192.0.2.0/24]}
`,
      "-",
    );
    const [group] = cidrGroups;
    expect(group).toBeDefined();
    if (group === undefined) return;
    const groupOf = (cidrs: string[]): CatalogObject => ({
      kind: "CiliumCIDRGroup",
      namespace: "",
      name: "outside",
      value: { ...group, cidrs },
    });
    cilium.apply({ type: "set", at: 0, object: pod("web", "10.0.0.1") });
    cilium.apply({
      type: "set",
      at: 100,
      object: { kind: "CiliumNetworkPolicy", namespace: "shop", name: "p", value: policies },
    });
    const answer = (at: number): boolean | undefined =>
      cilium.at(at).decide("shop/web", "192.0.2.7", "TCP", 443)?.allowed;
    expect([50, 150].map(answer)).toEqual([true, false]);
    cilium.apply({ type: "set", at: 200, object: groupOf(group.cidrs as string[]) });
    cilium.apply({ type: "set", at: 300, object: groupOf(["198.51.100.0/24"]) });
    expect([150, 250, 350].map(answer)).toEqual([false, true, false]);
    expect(cilium.at(250).context().cidrGroups).toHaveLength(1);
  });
});
