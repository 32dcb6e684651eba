import { expect, test } from "vitest";
import { createRandom } from "../random.js";
import { createWorld, seenFrom, workloadOf } from "./world.js";

const world = createWorld("shop", 3, createRandom("test"));
const pods = [...world.workloads.values()].flatMap((workload) => workload.pods);

test("addresses and names are unique, and each pod lives in its node's range", () => {
  expect(new Set(pods.map((pod) => pod.ip)).size).toBe(pods.length);
  expect(new Set(pods.map((pod) => pod.name)).size).toBe(pods.length);
  for (const pod of pods) expect(pod.ip).toMatch(new RegExp(`^10\\.0\\.${pod.node.index}\\.\\d+$`));
});

test("the same labels are the same identity, other labels another one", () => {
  const byLabels = new Map<string, number>();
  for (const pod of pods) {
    const key = JSON.stringify(pod.local.labels);
    expect(byLabels.get(key) ?? pod.identity).toBe(pod.identity);
    byLabels.set(key, pod.identity);
  }
  expect(new Set(byLabels.values()).size).toBe(byLabels.size);
});

test("only the agent of its own node knows a pod's endpoint id and workload", () => {
  const pod = workloadOf(world, "web/cart").pods[0];
  if (pod === undefined) throw new Error("no cart");
  const elsewhere = world.nodes.find((node) => node !== pod.node);
  if (elsewhere === undefined) throw new Error("one node only");
  expect(seenFrom(pod, pod.node)).toMatchObject({
    ID: pod.endpointId,
    workloads: [{ name: "cart", kind: "Deployment" }],
  });
  const remote = seenFrom(pod, elsewhere);
  expect(remote).not.toHaveProperty("ID");
  expect(remote).not.toHaveProperty("workloads");
  expect(remote.pod_name).toBe(pod.name);
});

test("labels are spelled and ordered as Cilium does", () => {
  const pod = workloadOf(world, "payments/payments-api").pods[0];
  expect(pod?.local.labels).toEqual([
    "k8s:app=payments-api",
    "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=payments",
    "k8s:io.cilium.k8s.namespace.labels.pci-scope=true",
    "k8s:io.cilium.k8s.namespace.labels.team=payments",
    "k8s:io.cilium.k8s.policy.cluster=shop",
    "k8s:io.cilium.k8s.policy.serviceaccount=payments-api",
    "k8s:io.kubernetes.pod.namespace=payments",
    "k8s:pci-scope=true",
  ]);
});

test("identities of outside addresses are local to each node", () => {
  const [stripe] = world.outside.named.get("api.paywell.example") ?? [];
  if (stripe === undefined) throw new Error("no peer");
  const identities = world.nodes.map((node) => seenFrom(stripe, node).identity ?? 0);
  expect(Math.min(...identities)).toBeGreaterThanOrEqual(2 ** 24);
  expect(new Set(identities).size).toBe(3);
});

test("a cluster named default has bare node names", () => {
  const bare = createWorld("default", 2, createRandom("test"));
  expect(bare.nodes.map((node) => node.hubbleName)).toEqual(["node-1", "node-2"]);
  expect(world.nodes[0]?.hubbleName).toBe("shop/node-1");
});
