import { LOCAL_VIEWER } from "@dropscope/model";
import { expect, test } from "vitest";
import { createMemoryKnowledge } from "../testing/memory-knowledge.js";
import { changesWithin } from "./changes.js";
import { labelChanges, workloadChanges } from "./label-changes.js";

const pod = (name: string, labels: Record<string, string>): string => `apiVersion: v1
kind: Pod
metadata:
  namespace: web
  name: ${name}
  labels: ${JSON.stringify(labels)}
`;

const { signal } = new AbortController();
const all = { since: 0, until: 1000 };

test("labels that came and went, by key", () => {
  expect(labelChanges({ a: "1", b: "2", c: "3" }, { b: "2", c: "4", d: "5" })).toEqual([
    "−a=1",
    "+c=4",
    "−c=3",
    "+d=5",
  ]);
});

test("a rollout whose pods have other labels is one change; what controllers add is none", async () => {
  const knowledge = createMemoryKnowledge();
  const { objects } = knowledge;
  const hash = (text: string) => ({ "pod-template-hash": text });
  knowledge.addManifests(
    pod("cart-5c7b9f8d6-xxxxx", { tier: "a", ...hash("5c7b9f8d6") }),
    -10,
    300,
  );
  knowledge.addManifests(
    pod("cart-5c7b9f8d6-bbbbb", { tier: "a", ...hash("5c7b9f8d6") }),
    100,
    310,
  );
  knowledge.addManifests(pod("cart-6d8c7f9f5-ccccc", { tier: "b", ...hash("6d8c7f9f5") }), 200);
  knowledge.addManifests(pod("cart-6d8c7f9f5-ddddd", { tier: "b", ...hash("6d8c7f9f5") }), 210);
  knowledge.addManifests(pod("quiet-7d9f8b6c5-zzzzz", { tier: "a" }), -10);
  expect(await workloadChanges(objects, LOCAL_VIEWER, all, signal)).toEqual([
    {
      time: new Date(200).toISOString(),
      what: "workload",
      action: "changed",
      kind: "Workload",
      namespace: "web",
      name: "cart",
      labels: ["+tier=b", "−tier=a"],
    },
  ]);
  const later = { since: 205, until: 1000 };
  expect(await workloadChanges(objects, LOCAL_VIEWER, later, signal)).toEqual([]);
});

test("namespaces count when their labels change, policies whenever they do, in the order of time", async () => {
  const knowledge = createMemoryKnowledge();
  const { objects } = knowledge;
  const namespace = (team: string, note: string): string => `apiVersion: v1
kind: Namespace
metadata:
  name: web
  labels: { team: ${team} }
  annotations: { note: "${note}" }
`;
  const policy = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { namespace: web, name: p }
spec: { podSelector: {} }
`;
  knowledge.addManifests(namespace("a", "1"), -10, 100);
  knowledge.addManifests(namespace("a", "2"), 100, 200);
  knowledge.addManifests(namespace("b", "2"), 200);
  knowledge.addManifests(policy, 150, 250);
  const { changes, more } = await changesWithin(objects, LOCAL_VIEWER, all, signal);
  expect(more).toBe(false);
  expect(
    changes.map(({ time, what, action, labels }) => [Date.parse(time), what, action, labels]),
  ).toEqual([
    [150, "policy", "added", []],
    [200, "namespace", "changed", ["+team=b", "−team=a"]],
    [250, "policy", "removed", []],
  ]);
});
