import { describe, expect, it } from "vitest";
import type { Manifests, Service, Workload } from "../objects.js";
import { type ProfileName, PROFILES } from "../profile.js";
import { createWorld } from "./world.js";

const place = { file: "-", line: 1, column: 1, path: "" };
const nothing: Manifests = {
  policies: [],
  namespaces: [],
  workloads: [],
  services: [],
  nodes: [],
  cidrGroups: [],
  publications: [],
  problems: [],
  sources: [],
};

function workload(fields: Partial<Workload> & { name: string }): Workload {
  return {
    kind: "Pod",
    namespace: "shop",
    labels: {},
    serviceAccount: "default",
    hostNetwork: false,
    ports: [],
    addresses: [],
    place,
    ...fields,
  };
}

function service(fields: Partial<Service> & { name: string }): Service {
  return {
    namespace: "shop",
    type: "ClusterIP",
    labels: {},
    clusterAddresses: [],
    ports: [],
    backendAddresses: [],
    place,
    ...fields,
  };
}

const owner = { kind: "ReplicaSet", name: "web" };
const manifests: Manifests = {
  ...nothing,
  namespaces: [{ name: "shop", labels: { team: "red" }, place }],
  workloads: [
    workload({ name: "web-1", owner, labels: { app: "web" }, addresses: ["10.1.0.1"] }),
    workload({ name: "web-2", owner, labels: { app: "web" }, addresses: ["10.1.0.2"] }),
    workload({ name: "db", kind: "StatefulSet", labels: { app: "db" }, serviceAccount: "db" }),
    workload({ name: "static", owner: { kind: "Node", name: "n1" }, namespace: "kube-system" }),
    workload({ name: "agent", hostNetwork: true, nodeName: "n1", addresses: ["10.0.0.1"] }),
  ],
  services: [
    service({ name: "web", selector: { app: "web" }, clusterAddresses: ["10.96.0.1"] }),
    service({ name: "outer", backendAddresses: ["203.0.113.5"], clusterAddresses: ["10.96.0.2"] }),
    service({ name: "none", selector: { app: "none" }, clusterAddresses: ["10.96.0.3"] }),
  ],
  nodes: [
    {
      name: "n1",
      labels: { "node-role.kubernetes.io/control-plane": "", zone: "a" },
      addresses: ["10.0.0.1"],
      podCidrs: [],
      place,
    },
  ],
};
const world = createWorld(manifests, PROFILES.cilium, {
  fqdns: new Map([["203.0.113.9", ["API.Example.com."]]]),
  apiServers: ["172.20.0.2"],
});

describe("a world of manifests", () => {
  it("has one end per workload, replicas of an owner being one", () => {
    expect(
      world.workloads.map(({ namespace, name, kind }) => `${namespace}/${name}[${kind}]`),
    ).toEqual([
      "shop/web[ReplicaSet]",
      "shop/db[StatefulSet]",
      "kube-system/static[Pod]",
      "shop/agent[Pod]",
    ]);
    expect(world.workloads[0]?.pods.map(({ name }) => name)).toEqual(["shop/web-1", "shop/web-2"]);
    expect(world.endpoints.map(({ name }) => name)).toEqual([
      "shop/web",
      "shop/db",
      "kube-system/static",
      "shop/agent",
    ]);
  });

  it("labels pods with namespace, cluster and service account", () => {
    const labels = world.endpoint("shop/db")?.labels;
    expect(labels?.value("app", "k8s")).toBe("db");
    expect(labels?.value("io.kubernetes.pod.namespace", "k8s")).toBe("shop");
    expect(labels?.value("io.cilium.k8s.namespace.labels.team", "k8s")).toBe("red");
    expect(labels?.value("io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name", "k8s")).toBe(
      "shop",
    );
    expect(labels?.value("io.cilium.k8s.policy.cluster", "k8s")).toBe("default");
    expect(labels?.value("io.cilium.k8s.policy.serviceaccount", "k8s")).toBe("db");
  });

  it("leaves out the labels that Cilium leaves out of identities", () => {
    const hash = "pod-template-hash";
    const one: Manifests = {
      ...nothing,
      workloads: [workload({ name: "web", labels: { app: "web", [hash]: "5d8f" } })],
    };
    const labels = (profile: ProfileName): (string | undefined)[] => {
      const found = createWorld(one, PROFILES[profile]).endpoint("shop/web")?.labels;
      return [found?.value("app", "k8s"), found?.value(hash, "k8s")];
    };
    expect(labels("cilium")).toEqual(["web", undefined]);
    expect(labels("kubernetes")).toEqual(["web", "5d8f"]);
  });

  it("knows namespaces that are only used", () => {
    expect(world.namespaces.map(({ name }) => name)).toEqual(["kube-system", "shop"]);
    expect(world.namespaceLabels("kube-system")).toEqual({
      "kubernetes.io/metadata.name": "kube-system",
    });
    expect(world.namespaceLabels("shop")).toEqual({
      team: "red",
      "kubernetes.io/metadata.name": "shop",
    });
    expect(world.namespaceLabels("__proto__")).toEqual({
      "kubernetes.io/metadata.name": "__proto__",
    });
  });

  it("takes pods of the host network for their node, unless told not to", () => {
    const agent = world.endpoint("shop/agent");
    expect(agent).toMatchObject({ kind: "remote-node", hostNetwork: true, local: false });
    expect(agent?.labels.value("zone", "node")).toBe("a");
    const plain = createWorld(manifests, PROFILES.cilium, { hostNetworkPods: "pods" });
    expect(plain.endpoint("shop/agent")).toMatchObject({ kind: "pod", hostNetwork: true });
  });
});

describe("looking an end up", () => {
  it("finds workloads and pods by name, in the default namespace too", () => {
    expect(world.endpoint("shop/web")?.name).toBe("shop/web");
    expect(world.endpoint("shop/web-2")?.addresses).toEqual(["10.1.0.2"]);
    expect(world.endpoint("web", "shop")?.name).toBe("shop/web");
    expect(world.endpoint("web")).toBeUndefined();
    expect(world.endpoint("nowhere/web")).toBeUndefined();
  });

  it("finds pods and nodes by address, and outside addresses with their names", () => {
    expect(world.endpoint("10.1.0.2")?.name).toBe("shop/web-2");
    expect(world.endpoint("10.0.0.1")).toMatchObject({ kind: "remote-node", name: "n1" });
    expect(world.endpoint("203.0.113.9")).toMatchObject({
      kind: "address",
      fqdns: ["api.example.com"],
    });
    expect(world.endpoint("172.20.0.2")?.labels.value("kube-apiserver", "reserved")).toBe("");
    expect(world.endpoint("2001:db8::1")?.kind).toBe("address");
  });

  it("finds the backends of a Service's address, and says so", () => {
    const web = world.resolve("10.96.0.1");
    expect(web?.endpoints.map(({ name }) => name)).toEqual(["shop/web-1", "shop/web-2"]);
    expect(web?.note).toContain("Service shop/web");
    expect(world.resolve("10.96.0.2")?.endpoints.map(({ name }) => name)).toEqual(["203.0.113.5"]);
    expect(world.resolve("10.96.0.3")?.note).toContain("no backend");
  });

  it("finds entities and nodes by name", () => {
    expect(world.endpoint("host")).toMatchObject({ kind: "host", local: true });
    expect(world.endpoint("remote-node")?.kind).toBe("remote-node");
    expect(world.endpoint("world")).toMatchObject({ kind: "address", addresses: [] });
    for (const name of ["ingress", "health", "init", "unmanaged"])
      expect(world.endpoint(name)).toMatchObject({ kind: "reserved", name });
    expect(world.endpoint("n1")?.labels.value("kube-apiserver", "reserved")).toBe("");
    expect(world.endpoint("__proto__")).toBeUndefined();
  });

  it("finds a node as the own one, with its labels", () => {
    const node = world.endpoint("host/n1");
    expect(node).toMatchObject({ kind: "host", local: true, addresses: ["10.0.0.1"] });
    expect(node?.labels.value("zone")).toBe("a");
    expect(world.endpoint("host/n2")).toBeUndefined();
  });

  it("compares addresses, not how they are written", () => {
    const six = createWorld(nothing, PROFILES.cilium, {
      fqdns: new Map([["2001:db8:0:0::1", ["six.example.com"]]]),
    });
    expect(six.endpoint("2001:db8::1")?.fqdns).toEqual(["six.example.com"]);
  });

  it("says when a name means several workloads", () => {
    const twice = createWorld(
      {
        ...nothing,
        workloads: [
          workload({ name: "x", kind: "Deployment" }),
          workload({ name: "x", kind: "Job" }),
        ],
      },
      PROFILES.kubernetes,
    );
    expect(twice.resolve("shop/x")).toMatchObject({ note: "2 workloads are called shop/x" });
  });
});
