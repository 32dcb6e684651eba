import { parseManifests } from "@dropscope/policy";
import { expect, test } from "vitest";
import { meaningOf } from "./meaning.js";
import { catalogObjects } from "./objects.js";

const POLICY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: web }
spec: { podSelector: { matchLabels: { app: a } } }
`;
const of = (text: string, file = "a.yaml"): string =>
  catalogObjects(parseManifests(text, file)).map(meaningOf).join();

test("where an object stands, who wrote a comment and which uid it has is not what it says", () => {
  const plain = of(POLICY);
  expect(of(`# a comment\n\n${POLICY}`)).toBe(plain);
  expect(of(POLICY, "b.yaml")).toBe(plain);
  expect(of(POLICY.replace("name: p,", "name: p, uid: 0b7e,"))).toBe(plain);
  expect(of(JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }))).toBe("");
});

test.each([
  ["a selector", POLICY.replace("app: a", "app: b")],
  ["a name", POLICY.replace("name: p", "name: q")],
  ["a namespace", POLICY.replace("namespace: web", "namespace: api")],
  ["a direction", POLICY.replace("spec: {", "spec: { policyTypes: [Egress],")],
])("%s is", (_, changed) => {
  expect(of(changed)).not.toBe(of(POLICY));
});

test("a label may be called place, or uid", () => {
  const pod = (labels: string): string =>
    of(`apiVersion: v1\nkind: Pod\nmetadata: { name: p, labels: { ${labels} } }\n`);
  expect(pod("place: here")).not.toBe(pod("place: there"));
  expect(pod("uid: one")).not.toBe(pod("uid: two"));
});
