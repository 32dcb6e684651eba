import { describe, expect, it } from "vitest";
import type { Endpoint } from "../endpoint.js";
import { parseManifests } from "../parse/manifests.js";
import type { Policy, Protocol } from "../policy.js";
import { PROFILES } from "../profile.js";
import { addressEndpoint, podEndpoint } from "../world/ends.js";
import { createEngine } from "./engine.js";

const pod = (name: string, labels: Record<string, string>): Endpoint =>
  podEndpoint({ namespace: "shop", name: `shop/${name}`, labels }, { team: "red" }, "default");
const web = pod("web", { app: "web" });
const db = pod("db", { app: "db" });

function policy(spec: string): readonly Policy[] {
  const { policies, problems } = parseManifests(
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: ${spec}}`,
    "-",
  );
  expect(problems).toEqual([]);
  return policies;
}
const denyAll = policy("{podSelector: {}, policyTypes: [Ingress]}");
const fromWeb = policy(
  "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]}",
);

describe("the engine", () => {
  it("gives equal ends one number, and ends that policies cannot tell apart one answer", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    engine.setPolicies("p", fromWeb);
    const [one, same] = [engine.intern(web), engine.intern(pod("web", { app: "web" }))];
    expect(one).toBe(same);
    const other = engine.intern(pod("web-2", { app: "web", "pod-template-hash": "abc" }));
    expect(other).not.toBe(one);
    const to = engine.intern(db);
    expect(engine.decideInterned(one, to, "TCP", 5432).allowed).toBe(true);
    const { misses } = engine.stats();
    expect(engine.decideInterned(other, to, "TCP", 5432)).toBe(
      engine.decideInterned(one, to, "TCP", 5432),
    );
    expect(engine.stats()).toMatchObject({ misses, classes: 2, endpoints: 3 });
  });

  it("tells ends apart as soon as a policy looks at what they differ in", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    const both = ["blue", "green"].map((colour) =>
      engine.intern(pod(colour, { app: "web", colour })),
    );
    const to = engine.intern(db);
    const allowed = (): boolean[] =>
      both.map((from) => engine.decideInterned(from, to, "TCP", 80).allowed);
    engine.setPolicies("p", fromWeb);
    expect(allowed()).toEqual([false, false]);
    engine.setPolicies(
      "q",
      policy(
        "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {colour: blue}}}]}]}",
      ),
    );
    expect(allowed()).toEqual([true, false]);
    engine.removePolicies("q");
    expect(allowed()).toEqual([false, false]);
  });

  it("asks nothing anew about ends that a changed policy does not select", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    engine.setPolicies("all", denyAll);
    engine.setPolicies("db", fromWeb);
    const [from, to] = [engine.intern(db), engine.intern(web)];
    engine.decideInterned(from, to, "TCP", 80);
    const { misses } = engine.stats();
    engine.setPolicies("db", policy("{podSelector: {matchLabels: {app: db}}, ingress: [{}]}"));
    engine.decideInterned(from, to, "TCP", 80);
    expect(engine.stats().misses).toBe(misses);
    engine.decideInterned(to, from, "TCP", 80);
    expect(engine.stats().misses).toBe(misses + 1);
  });

  it("keeps one answer for all ports that no policy tells apart", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    engine.setPolicies("p", fromWeb);
    const [from, to] = [engine.intern(web), engine.intern(db)];
    for (let port = 32_768; port < 61_000; port++) engine.decideInterned(from, to, "TCP", port);
    expect(engine.stats().misses).toBe(1);
    expect(engine.decideInterned(from, to, "TCP", 5432).allowed).toBe(true);
    expect(engine.decideInterned(from, to, "TCP", 5433).allowed).toBe(false);
  });

  it("answers with frozen objects", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    engine.setPolicies("p", fromWeb);
    const decision = engine.decide({ from: web, to: db, protocol: "TCP", port: 5432 });
    expect(decision.ingress.by).toHaveLength(1);
    for (const object of [decision, decision.ingress, decision.ingress.by, decision.ingress.by[0]])
      expect(Object.isFrozen(object)).toBe(true);
  });

  it("knows whom a deny selects, and that an address is nobody's", () => {
    const engine = createEngine({ profile: PROFILES.kubernetes });
    engine.setPolicies("p", denyAll, 1000);
    const asked = { from: addressEndpoint({ address: "192.0.2.1" }), to: db } as const;
    const connection = { ...asked, protocol: "TCP", port: 80 } as const;
    expect(engine.selecting(connection)).toEqual({ egress: [], ingress: denyAll });
    expect(engine.selecting(connection, 999)).toEqual({ egress: [], ingress: [] });
    expect(engine.decide(connection, 999).allowed).toBe(true);
    expect(engine.decide(connection, 1000).allowed).toBe(false);
  });

  it("refuses ports, protocols and numbers that there are not", () => {
    const engine = createEngine({ profile: PROFILES.cilium });
    const [from, to] = [engine.intern(web), engine.intern(db)];
    for (const port of [-1, 65_536, 70_000])
      expect(() => engine.decideInterned(from, to, "TCP", port)).toThrow(RangeError);
    expect(() => engine.decideInterned(from, to, "IGMP" as Protocol, 80)).toThrow(RangeError);
    expect(() => engine.decideInterned(from, 77, "TCP", 80)).toThrow(RangeError);
    expect(engine.decideInterned(from, to, "TCP", 0).allowed).toBe(true);
  });
});
