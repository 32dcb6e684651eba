import { expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createCatalog, type Catalog } from "./index.js";

const POLICY = `
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: api, namespace: web }
spec: { endpointSelector: {}, egress: [{ toEntities: [kube-apiserver] }] }
`;
const POD = `
apiVersion: v1
kind: Pod
metadata: { name: operator-0, namespace: web }
spec: { containers: [{ name: c, image: i }] }
`;
const NODE = `
apiVersion: v1
kind: Node
metadata: { name: worker-1 }
status: { addresses: [{ type: InternalIP, address: 192.0.2.7 }] }
`;

function catalogWith(): Catalog {
  const catalog = createCatalog({ profile: PROFILES.cilium });
  const { policies, workloads, nodes } = parseManifests([POLICY, POD, NODE].join("---"), "-");
  const [policy, pod, node] = [policies[0]!, workloads[0]!, nodes[0]!];
  const { kind, namespace, name } = policy;
  catalog.apply({ type: "set", at: 0, object: { kind, namespace, name, value: [policy] } });
  catalog.apply({
    type: "set",
    at: 0,
    object: { kind: "Pod", namespace: "web", name: "operator-0", value: pod },
  });
  catalog.apply({
    type: "set",
    at: 0,
    object: { kind: "Node", namespace: "", name: "worker-1", value: node },
  });
  return catalog;
}

function tell(
  catalog: Catalog,
  at: number,
  backendAddresses: readonly string[],
  name = "kubernetes",
) {
  const [service] = parseManifests(
    `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: default}, spec: {clusterIP: 10.96.0.1, ports: [{port: 443}]}}`,
    "-",
  ).services;
  catalog.apply({
    type: "set",
    at,
    object: {
      kind: "Service",
      namespace: "default",
      name,
      value: { ...service!, backendAddresses },
    },
  });
}

const allows = (catalog: Catalog, to: string, time: number): boolean | undefined =>
  catalog.at(time).decide("web/operator-0", to, "TCP", 6443)?.allowed;

test("the API server is at the backends of default/kubernetes, for as long as they are that", () => {
  const catalog = catalogWith();
  tell(catalog, 100, ["198.51.100.9", "2001:db8::9"]);
  tell(catalog, 200, ["198.51.100.10"]);
  expect(allows(catalog, "198.51.100.9", 50)).toBe(false);
  expect(allows(catalog, "198.51.100.9", 150)).toBe(true);
  expect(allows(catalog, "2001:0db8:0::9", 150)).toBe(true);
  expect(allows(catalog, "198.51.100.9", 250)).toBe(false);
  expect(allows(catalog, "198.51.100.10", 250)).toBe(true);
  expect(allows(catalog, "198.51.100.11", 250)).toBe(false);
});

test("a node at whose address it answers is it too", () => {
  const catalog = catalogWith();
  expect(allows(catalog, "192.0.2.7", 50)).toBe(false);
  tell(catalog, 100, ["192.0.2.7"]);
  expect(allows(catalog, "192.0.2.7", 150)).toBe(true);
  expect(allows(catalog, "worker-1", 150)).toBe(true);
  expect(allows(catalog, "worker-1", 50)).toBe(false);
});

test("the backends of another service are not it", () => {
  const catalog = catalogWith();
  tell(catalog, 100, ["198.51.100.9"], "other");
  expect(allows(catalog, "198.51.100.9", 150)).toBe(false);
});
