import { parseManifests } from "@dropscope/policy";
import { describe, expect, test } from "vitest";
import { toNamespace, toNode, toPod, toService, toSlice } from "./convert.js";
import type { RawObject } from "./list-watch.js";

// Objects of an API server are read by a faster road than YAML; both must lead to the same.

const meta = { name: "one", namespace: "shop", labels: { app: "web", constructor: "x" } };

const OBJECTS: readonly [name: string, kind: string, object: RawObject][] = [
  [
    "a pod",
    "Pod",
    {
      metadata: {
        ...meta,
        ownerReferences: [
          { kind: "Node", name: "n1", controller: true },
          { kind: "ReplicaSet", name: "web-1", controller: true },
        ],
      },
      spec: {
        hostNetwork: true,
        nodeName: "n1",
        containers: [
          { ports: [{ containerPort: 80 }, { name: "dns", containerPort: 53, protocol: "UDP" }] },
          {},
        ],
        initContainers: [
          { restartPolicy: "Always", ports: [{ name: "m", containerPort: 9 }] },
          { ports: [{ name: "no", containerPort: 1 }] },
        ],
      },
      status: { podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] },
    },
  ],
  ["a bare pod", "Pod", { metadata: { name: "one", namespace: "shop" }, spec: {} }],
  ["a namespace", "Namespace", { metadata: { name: "shop", labels: { team: "a" } } }],
  [
    "a node",
    "Node",
    {
      metadata: { name: "n1", labels: { zone: "a" } },
      spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] },
      status: {
        addresses: [
          { type: "InternalIP", address: "192.0.2.1" },
          { type: "Hostname", address: "n1.example" },
        ],
      },
    },
  ],
  ["an old node", "Node", { metadata: { name: "n2" }, spec: { podCIDR: "10.0.1.0/24" } }],
  [
    "a service",
    "Service",
    {
      metadata: meta,
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        selector: { app: "web" },
        clusterIP: "10.96.0.1",
        clusterIPs: ["10.96.0.1", "fd00::96"],
        ports: [
          { name: "web", port: 80, targetPort: "http", nodePort: 30080 },
          { port: 53, protocol: "UDP" },
        ],
      },
    },
  ],
  ["a headless service", "Service", { metadata: meta, spec: { clusterIP: "None", ports: [] } }],
  [
    "a slice",
    "EndpointSlice",
    {
      metadata: { ...meta, labels: { "kubernetes.io/service-name": "db" } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["192.0.2.1"] }, { addresses: ["192.0.2.2"] }],
    },
  ],
];

const API: Record<string, string> = { EndpointSlice: "discovery.k8s.io/v1" };

/** Without what only the one or the other has. */
const bare = (value: unknown): unknown => {
  const { place: _place, name: _name, ...rest } = value as { place?: unknown; name?: unknown };
  return rest;
};

describe("the fast road leads where YAML does", () => {
  test.each(OBJECTS)("%s", (_, kind, object) => {
    const text = JSON.stringify({ apiVersion: API[kind] ?? "v1", kind, ...object });
    const slow = parseManifests(text, "a.json");
    expect(slow.problems).toEqual([]);
    const [expected, value] = pair(kind, object, slow);
    expect(bare(value)).toEqual(bare(expected));
  });
});

function pair(
  kind: string,
  object: RawObject,
  slow: ReturnType<typeof parseManifests>,
): [unknown, unknown] {
  switch (kind) {
    case "Pod":
      return [slow.workloads[0], toPod(object).value];
    case "Namespace":
      return [slow.namespaces[0], toNamespace(object).value];
    case "Node":
      return [slow.nodes[0], toNode(object).value];
    case "Service":
      return [slow.services[0], toService(object)];
    default:
      return [slow.backends?.[0], toSlice(object)];
  }
}

test.each([
  ["nothing", {}],
  ["texts for objects", { metadata: "x", spec: "y", status: 7 } as unknown as RawObject],
  [
    "objects for texts",
    {
      metadata: { name: {}, namespace: [], labels: { a: 1, b: null } },
      spec: { containers: [{ ports: "none" }, null, { ports: [{ containerPort: "80" }] }] },
    } as unknown as RawObject,
  ],
])("%s where others stand: counts as absent, and nothing is thrown", (_, object) => {
  for (const read of [toPod, toNamespace, toNode, toService, toSlice])
    expect(() => read(object)).not.toThrow();
  expect(toPod(object).value).toMatchObject({ ports: [], addresses: [], labels: {} });
});
