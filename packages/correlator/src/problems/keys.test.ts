import type { DropExplanation, Flow } from "@dropscope/model";
import { describe, expect, test } from "vitest";
import { keysOf } from "./keys.js";
import { explanationOf, flowOf, toAddress, toWorkload } from "./testing.js";

const keys = (
  flow: Partial<Flow> = {},
  explanation: Partial<DropExplanation> = {},
  name?: string,
) => keysOf(flowOf(flow), explanationOf(explanation), () => name);
const idOf = (...given: Parameters<typeof keys>): string => keys(...given).exact.id;

describe("what is one problem", () => {
  const base = idOf();
  test.each<[string, Partial<Flow>, Partial<DropExplanation>]>([
    [
      "another pod of the workload",
      { source: { namespace: "web", pod_name: "checkout-7", workloads: [{ name: "checkout" }] } },
      {},
    ],
    ["another source port", { l4: { UDP: { source_port: 40_001, destination_port: 53 } } }, {}],
    ["another node", { node_name: "node-2" }, {}],
    ["another backend", { IP: { source: "10.0.1.5", destination: "10.0.2.10" } }, {}],
    ["another sentence", {}, { sentence: "It was dropped again.", change: null }],
    [
      "a pod whose workload only its name tells",
      { destination: { namespace: "kube-system", pod_name: "coredns-7d764666f9-bcdfg" } },
      {},
    ],
  ])("%s", (what, flow, explanation) => {
    if (what.startsWith("a pod whose")) expect(keys(flow).exact.destination.name).toBe("coredns");
    expect(idOf(flow, explanation)).toBe(base);
  });

  test.each<[string, Partial<Flow>, Partial<DropExplanation>]>([
    [
      "another workload",
      { source: { namespace: "web", pod_name: "cart-0", workloads: [{ name: "cart" }] } },
      {},
    ],
    [
      "the same name in another namespace",
      { source: { namespace: "shop", pod_name: "checkout-0", workloads: [{ name: "checkout" }] } },
      {},
    ],
    ["another port", { l4: { UDP: { destination_port: 5353 } } }, {}],
    ["another protocol", { l4: { TCP: { destination_port: 53 } } }, {}],
    ["the other direction", {}, { direction: "ingress" }],
    ["another outcome", {}, { outcome: "unexplained" }],
    ["another reason", {}, { reason: "POLICY_DENY" }],
    ["other policies", {}, { selecting: [] }],
  ])("not %s", (_, flow, explanation) => {
    expect(idOf(flow, explanation)).not.toBe(base);
  });

  test("policies in another order, and rules of one policy, are the same policies", () => {
    const a = { kind: "NetworkPolicy", namespace: "web", name: "a" };
    const b = { kind: "NetworkPolicy", namespace: "web", name: "b" };
    expect(idOf({}, { selecting: [a, b] })).toBe(idOf({}, { selecting: [b, a, a] }));
    const denies = (rule: string) => ({ ...a, rule });
    const denied = idOf({}, { denying: [denies("spec.egressDeny[0]")] });
    expect(idOf({}, { denying: [denies("spec.egressDeny[1]")] })).toBe(denied);
  });

  test("an id is 16 hex digits, the same on every machine", () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
    expect(base).toMatchInlineSnapshot(`"b77b6104eb597d68"`);
  });
});

describe("ends", () => {
  test("an address has the name that it was looked up by", () => {
    expect(keys(toAddress("93.184.216.34"), {}, "example.com").exact.destination).toEqual({
      kind: "name",
      namespace: "",
      name: "example.com",
    });
  });

  test("the name that the flow tells comes first", () => {
    const flow = { ...toAddress("93.184.216.34"), destination_names: ["www.example.com"] };
    expect(keys(flow, {}, "example.com").exact.destination.name).toBe("www.example.com");
  });

  test("an address of the world is itself, a node an entity", () => {
    expect(keys(toAddress("93.184.216.34")).exact.destination.name).toBe("93.184.216.34");
    const host = { destination: { identity: 1, labels: ["reserved:host"] } };
    expect(keys(host).exact.destination).toEqual({ kind: "entity", namespace: "", name: "host" });
  });

  test("an answer is about what was asked for", () => {
    const answer: Partial<Flow> = {
      source: { namespace: "shop", pod_name: "db-0", workloads: [{ name: "db" }] },
      destination: { namespace: "web", pod_name: "cart-0", workloads: [{ name: "cart" }] },
      l4: { TCP: { source_port: 5432, destination_port: 50_123, flags: { SYN: true, ACK: true } } },
    };
    expect(keys(answer).exact).toMatchObject({
      source: { name: "cart" },
      destination: { name: "db" },
      port: 5432,
    });
  });

  test("who is affected is the pod inside; of two, the one that asks", () => {
    expect(keys()).toMatchObject({ pod: "web/checkout-0", peer: "kube-system/coredns-0" });
    const inward: Partial<Flow> = {
      IP: { source: "203.0.113.7", destination: "10.0.1.5" },
      source: { identity: 2 },
      destination: { namespace: "web", pod_name: "frontend-0" },
    };
    expect(keys(inward)).toMatchObject({ pod: "web/frontend-0", peer: "203.0.113.7" });
  });

  test("a flow that tells nothing still has a key", () => {
    expect(keysOf({}, explanationOf(), () => undefined)).toMatchObject({ pod: "", peer: "" });
  });
});

describe("coarser keys", () => {
  const folded = (flow: Partial<Flow>) =>
    keys(flow)
      .coarser()
      .map((key) => [key.folded, key.destination.name]);

  test("of an address: its network, the world, every port, every far end, …", () => {
    expect(folded(toAddress("93.184.216.34"))).toEqual([
      ["addresses", "93.184.216.0/24"],
      ["addresses", "world"],
      ["ports", "world"],
      ["peers", ""],
      ["workloads", ""],
      ["everything", ""],
    ]);
    expect(folded(toAddress("2001:db8:1:2:3::1"))[0]).toEqual([
      "addresses",
      "2001:db8:1:2:0:0:0:0/64",
    ]);
  });

  test("of a workload: every port, every far end, …", () => {
    expect(folded(toWorkload("db")).map(([name]) => name)).toEqual([
      "ports",
      "peers",
      "workloads",
      "everything",
    ]);
  });

  test("are shared by what they fold", () => {
    const ids = (flow: Partial<Flow>) =>
      keys(flow)
        .coarser()
        .map(({ id }) => id);
    const [a, b] = [ids(toAddress("93.184.216.34", 80)), ids(toAddress("93.184.217.1", 80))];
    expect(a[0]).not.toBe(b[0]);
    expect(a.slice(1)).toEqual(b.slice(1));
    expect(ids(toAddress("93.184.216.34", 81)).slice(2)).toEqual(a.slice(2));
  });
});
