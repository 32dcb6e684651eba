import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  manualClock,
  startFakeKube,
  until,
  type FakeKube,
  type FakeObject,
  type ManualClock,
} from "../../testing/index.js";
import type { CatalogSource, Observed, SourceChange } from "../source.js";
import { RESOURCES } from "./resources.js";
import { createKubernetesSource } from "./source.js";

const START = Date.parse("2026-03-01T12:00:00Z");
let kube: FakeKube;
let clock: ManualClock;
let source: CatalogSource;
let told: SourceChange[];

beforeEach(async () => {
  kube = await startFakeKube();
  clock = manualClock(START);
  told = [];
});
afterEach(async () => {
  await source.stop(100);
  await kube.close();
});

async function start(): Promise<void> {
  const server = {
    name: kube.url,
    base: new URL(kube.url),
    options: () => Promise.resolve({}),
  };
  source = createKubernetesSource({ server, clock, random: () => 0.5 });
  source.onChange((changes) => told.push(...changes));
  await source.start();
  await until("every kind", () => source.status().every(({ state }) => state !== "starting"));
  await until("the services", () => listed("Service") !== undefined);
}

const listed = (kind: string): readonly Observed[] | undefined =>
  told.flatMap((one) => (one.type === "list" && one.kind === kind ? [one.objects] : [])).at(-1);
const sets = (): Observed[] => told.flatMap((one) => (one.type === "set" ? [one.observed] : []));
const stateOf = (kind: string) => source.status().find((one) => one.kind === kind);
const meta = (name: string, more: object = {}) => ({ name, namespace: "shop", ...more });

const POD: FakeObject = {
  metadata: meta("web-1", {
    labels: { app: "web" },
    creationTimestamp: "2026-02-28T12:00:00Z",
    managedFields: [
      { time: "2026-02-28T13:00:00Z" },
      { time: "2026-03-01T11:00:00Z", subresource: "status" },
    ],
    ownerReferences: [{ kind: "ReplicaSet", name: "web-5d", controller: true }],
    annotations: { "a.secret/one": "never kept" },
  }),
  spec: {
    serviceAccountName: "shopper",
    nodeName: "n1",
    containers: [
      {
        name: "c",
        env: [{ name: "PASSWORD", value: "hunter2" }],
        ports: [{ name: "http", containerPort: 8080 }],
      },
    ],
    initContainers: [
      {
        restartPolicy: "Always",
        ports: [{ name: "metrics", containerPort: 9090, protocol: "TCP" }],
      },
      { ports: [{ name: "never", containerPort: 1 }] },
    ],
  },
  status: { phase: "Running", podIP: "10.0.0.7", podIPs: [{ ip: "10.0.0.7" }, { ip: "fd00::7" }] },
};

describe("what is read", () => {
  test("is exactly the resources of the role, by list and watch", async () => {
    await start();
    await until(
      "every watch",
      () => kube.requests.filter((path) => path.includes("watch=1")).length >= 11,
    );
    const asked = new Set(kube.requests.map((path) => path.split("?")[0]?.split("/").at(-1)));
    for (const plural of asked)
      expect([...RESOURCES.map((one) => one.plural), "v1", "v2", "v1alpha1", "v1alpha2"]).toContain(
        plural,
      );
    for (const kind of RESOURCES.map((one) => one.kind))
      expect(stateOf(kind)?.state).toBe(kind === "ClusterNetworkPolicy" ? "absent" : "ok");
  });

  test("of a pod is what judging needs, and nothing else", async () => {
    kube.put("pods", POD);
    await start();
    const [pod] = listed("Pod") ?? [];
    expect(pod).toMatchObject({
      created: Date.parse("2026-02-28T12:00:00Z"),
      changed: Date.parse("2026-02-28T13:00:00Z"),
      uid: "uid-101",
    });
    expect(pod?.object.value).toEqual({
      kind: "Pod",
      name: "web-1",
      namespace: "shop",
      labels: Object.assign(Object.create(null) as object, { app: "web" }),
      serviceAccount: "shopper",
      hostNetwork: false,
      nodeName: "n1",
      owner: { kind: "ReplicaSet", name: "web-5d" },
      ports: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "metrics", protocol: "TCP", port: 9090 },
      ],
      addresses: ["10.0.0.7", "fd00::7"],
      place: { file: "", line: 1, column: 1, path: "" },
    });
    expect(JSON.stringify(told)).not.toMatch(/hunter2|never kept/);
  });

  test("a pod that has ended has no address: the next one may have it", async () => {
    kube.put("pods", POD);
    await start();
    kube.put("pods", { ...POD, status: { phase: "Succeeded", podIP: "10.0.0.7" } });
    await until("the end", () => sets().length === 1);
    expect(sets()[0]?.object).toMatchObject({ value: { addresses: [] } });
  });
});

describe("policies", () => {
  const cnp = (spec: unknown): FakeObject => ({
    metadata: meta("p", {
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    }),
    spec,
    status: { conditions: ["noise"] },
  });

  test("are read as they would be written, with their YAML", async () => {
    kube.put(
      "ciliumnetworkpolicies",
      cnp({ endpointSelector: {}, ingress: [{ fromEntities: ["world"] }] }),
    );
    await start();
    const [policy] = listed("CiliumNetworkPolicy") ?? [];
    expect(policy?.object).toMatchObject({
      kind: "CiliumNetworkPolicy",
      namespace: "shop",
      name: "p",
      value: [{ rules: [{ section: "ingress", index: 0 }] }],
    });
    expect(policy?.manifest).toBe(
      "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata:\n  name: p\n  namespace: shop\n  uid: uid-101\nspec:\n  endpointSelector: {}\n  ingress:\n    - fromEntities:\n        - world\n",
    );
  });

  test("that cannot be read are there without rules, and the status says so", async () => {
    kube.put("ciliumnetworkpolicies", cnp({ endpointSelector: {}, ingress: "everything" }));
    await start();
    expect(listed("CiliumNetworkPolicy")?.[0]?.object).toMatchObject({ name: "p", value: [] });
    expect(stateOf("CiliumNetworkPolicy")?.message).toMatch(/^1 cannot be read: .+\.$/);
    kube.put("ciliumnetworkpolicies", cnp({ endpointSelector: {}, ingress: [{}] }));
    await until("the repair", () => stateOf("CiliumNetworkPolicy")?.message === "");
    expect(sets()[0]?.object).toMatchObject({ value: [{ name: "p" }] });
  });
});

describe("services", () => {
  const service = (spec: object): FakeObject => ({
    metadata: meta("db"),
    spec: { ports: [{ port: 5432 }], clusterIP: "10.96.0.9", ...spec },
  });
  const slice = (name: string, ...addresses: string[]): FakeObject => ({
    metadata: meta(name, { labels: { "kubernetes.io/service-name": "db" } }),
    addressType: "IPv4",
    endpoints: [{ addresses }],
  });
  const backends = (one: Observed | undefined): readonly string[] | undefined =>
    one?.object.kind === "Service" ? one.object.value.backendAddresses : undefined;

  test("without a selector have the addresses of their slices, from the first list on", async () => {
    kube.put("services", service({}));
    kube.put("endpointslices", slice("db-1", "192.0.2.1"));
    await start();
    expect(backends(listed("Service")?.[0])).toEqual(["192.0.2.1"]);
    kube.put("endpointslices", slice("db-2", "192.0.2.2"));
    await until("the second slice", () => sets().length === 1);
    expect(backends(sets()[0])).toEqual(["192.0.2.1", "192.0.2.2"]);
    kube.remove("endpointslices", "db-1", "shop");
    await until("its removal", () => sets().length === 2);
    expect(backends(sets()[1])).toEqual(["192.0.2.2"]);
  });

  test("with one do not: their backends are their pods", async () => {
    kube.put("services", service({ selector: { app: "db" } }));
    kube.put("endpointslices", slice("db-1", "192.0.2.1"));
    await start();
    expect(backends(listed("Service")?.[0])).toEqual([]);
  });

  test("slices of the controller are not even asked for", async () => {
    const label = "endpointslice.kubernetes.io/managed-by";
    const made = slice("made", "10.0.0.1");
    made.metadata.labels = { ...made.metadata.labels, [label]: "endpointslice-controller.k8s.io" };
    kube.put("services", service({}));
    kube.put("endpointslices", made);
    await start();
    expect(stateOf("EndpointSlice")?.objects).toBe(0);
  });

  test("do not wait for slices that may not be read", async () => {
    kube.fail("endpointslices", 403, Number.POSITIVE_INFINITY);
    kube.put("services", service({}));
    await start();
    expect(listed("Service")).toHaveLength(1);
    expect(stateOf("EndpointSlice")?.state).toBe("forbidden");
  });
});

test("a kind that may not be read is said to be so, and the others go on", async () => {
  kube.fail("pods", 403, Number.POSITIVE_INFINITY);
  kube.put("networkpolicies", { metadata: meta("p"), spec: { podSelector: {} } });
  await start();
  expect(stateOf("Pod")).toMatchObject({ state: "forbidden", objects: 0 });
  expect(stateOf("NetworkPolicy")).toMatchObject({ state: "ok", objects: 1 });
  kube.put("networkpolicies", { metadata: meta("q"), spec: { podSelector: {} } });
  await until("q", () => sets().some(({ object }) => object.name === "q"));
});
