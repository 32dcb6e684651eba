import { describe, expect, it } from "vitest";
import { PROFILES } from "../profile.js";
import { connectionRefusals } from "./refusals.js";
import { manifestsOf, networkPolicy } from "./testing.js";

const refused = (...args: Parameters<typeof manifestsOf>): string[] =>
  connectionRefusals(manifestsOf(...args), PROFILES.kubernetes).map(({ code }) => code);

const admin = (name: string): string => `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: ${name}}
spec: {priority: 7, subject: {namespaces: {}}, ingress: []}
`;

const replica = (name: string, labels: string): string => `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels: ${labels}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: a, controller: true}]
spec: {containers: [{name: main, image: none}]}
`;

const selects = (selector: string): string =>
  networkPolicy("default", "p", `{podSelector: ${selector}}`);

describe("what a list of connections is refused for", () => {
  it("is nothing in sound manifests", () => {
    expect(refused(["shop/web"], selects("{}"), admin("a"))).toEqual([]);
  });

  it("is a policy that was refused, but not a workload", () => {
    expect(refused([], selects("{matchLabels: {'not a key!': x}}"))).toEqual(["BAD_SELECTOR"]);
    expect(refused([], "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: 7\n")).toEqual([]);
  });

  it("is an order that is not defined", () => {
    expect(refused([], admin("a"), admin("b"))).toContain("BAD_PRIORITY");
  });

  it("is a named port of addresses", () => {
    const spec = (to: string): string =>
      `{podSelector: {}, policyTypes: [Egress], egress: [{to: [${to}], ports: [{port: http}]}]}`;
    expect(
      refused([], networkPolicy("default", "p", spec("{ipBlock: {cidr: 10.0.0.0/8}}"))),
    ).toEqual(["BAD_PORT"]);
    expect(refused([], networkPolicy("default", "p", spec("{podSelector: {}}")))).toEqual([]);
  });

  it("is a policy that tells replicas apart by the value of a label", () => {
    const pods = [replica("a", "{app: web, v: '1'}"), replica("b", "{app: web, v: '2'}")];
    expect(refused([], ...pods, selects("{matchLabels: {app: web}}"))).toEqual([]);
    expect(refused([], ...pods, selects("{matchLabels: {v: '3'}}"))).toEqual([]);
    expect(refused([], ...pods, selects("{matchLabels: {v: '2'}}"))).toEqual(["BAD_SELECTOR"]);
  });
});
