import { describe, expect, it } from "vitest";
import type { Endpoint } from "../endpoint.js";
import type { Entity, Peer, Rule } from "../policy.js";
import { PROFILES } from "../profile.js";
import { addressEndpoint, nodeEndpoint, podEndpoint, reservedEndpoint } from "../world/ends.js";
import { matchContext } from "./context.js";
import { matchesPeer, matchesPeers } from "./peer.js";

const place = { file: "-", line: 1, column: 1, path: "" };
const pod = podEndpoint(
  { name: "shop/web", namespace: "shop", labels: { app: "web" }, addresses: ["10.1.0.7"] },
  {},
  "default",
);
const foreign = podEndpoint(
  { name: "shop/far", namespace: "shop", labels: {} },
  {},
  "cluster2",
  "default",
);
const host = nodeEndpoint({ name: "host", kind: "host", addresses: ["10.0.0.1"] }, "default");
const worker = nodeEndpoint(
  { name: "worker", kind: "remote-node", labels: { role: "worker" }, addresses: ["10.0.0.2"] },
  "default",
);
const server = nodeEndpoint({ name: "cp", kind: "remote-node", apiServer: true }, "default");
const outside = addressEndpoint({ address: "10.1.2.3", fqdns: ["Api.Example.com."] });
const outerServer = addressEndpoint({ address: "172.20.0.2", apiServer: true });
const six = addressEndpoint({ address: "2001:db8::1" });
const health = reservedEndpoint("health");

const cilium = matchContext(PROFILES.cilium, {
  cidrGroups: [
    { name: "vpn", labels: { to: "outside" }, cidrs: ["10.1.0.0/16"], place },
    { name: "other", labels: {}, cidrs: ["192.0.2.0/24"], place },
  ],
  services: [
    service("web", { app: "web" }, []),
    service("db", undefined, ["10.1.2.3"]),
    service("empty", {}, []),
  ],
});
const kubernetes = matchContext(PROFILES.kubernetes);

function service(
  name: string,
  selector: Record<string, string> | undefined,
  backendAddresses: string[],
) {
  return {
    name,
    namespace: "shop",
    type: "ClusterIP" as const,
    labels: { kind: name },
    ...(selector === undefined ? {} : { selector }),
    clusterAddresses: [],
    ports: [],
    backendAddresses,
    place,
  };
}

describe("CIDR peers", () => {
  const block: Peer = { of: "cidr", cidr: "10.0.0.0/8", except: ["10.1.2.0/24"], place };

  it("match pods and nodes by address only where the data plane looks at addresses", () => {
    expect(matchesPeer(block, pod, kubernetes)).toBe(true);
    expect(matchesPeer(block, host, kubernetes)).toBe(true);
    for (const end of [pod, host, worker, server, health, foreign])
      expect(matchesPeer(block, end, cilium)).toBe(false);
  });

  it("match outside addresses everywhere, but not exceptions", () => {
    const near = addressEndpoint({ address: "10.9.9.9" });
    for (const context of [cilium, kubernetes]) {
      expect(matchesPeer(block, near, context)).toBe(true);
      expect(matchesPeer(block, outside, context)).toBe(false);
    }
  });

  it("match an API server outside of the cluster", () => {
    const peer: Peer = { of: "cidr", cidr: "172.20.0.2/32", except: [], place };
    expect(matchesPeer(peer, outerServer, cilium)).toBe(true);
  });
});

describe("CIDR groups", () => {
  const selector = {
    requirements: [{ source: "any", key: "to", operator: "In" as const, values: ["outside"] }],
  };

  it("match by name and by labels", () => {
    for (const group of [{ name: "vpn" }, { selector }]) {
      expect(matchesPeer({ of: "cidr-group", group, except: [], place }, outside, cilium)).toBe(
        true,
      );
      const except = ["10.1.2.3/32"];
      expect(matchesPeer({ of: "cidr-group", group, except, place }, outside, cilium)).toBe(false);
    }
    const other: Peer = { of: "cidr-group", group: { name: "other" }, except: [], place };
    expect(matchesPeer(other, outside, cilium)).toBe(false);
    const missing: Peer = { of: "cidr-group", group: { name: "nowhere" }, except: [], place };
    expect(matchesPeer(missing, outside, cilium)).toBe(false);
  });
});

describe("entities", () => {
  const members: [Entity, Endpoint[]][] = [
    ["all", [pod, foreign, host, worker, server, outside, outerServer, six, health]],
    ["world", [outside, outerServer, six]],
    ["world-ipv4", [outside, outerServer]],
    ["world-ipv6", [six]],
    ["cluster", [pod, host, worker, server, outerServer, health]],
    ["host", [host]],
    ["remote-node", [worker, server]],
    ["kube-apiserver", [server, outerServer]],
    ["health", [health]],
    ["ingress", []],
    ["none", []],
  ];
  it.each(members)("%s", (entity, ends) => {
    const all = [pod, foreign, host, worker, server, outside, outerServer, six, health];
    const matched = all.filter((end) => matchesPeer({ of: "entity", entity, place }, end, cilium));
    expect(matched).toEqual(ends);
  });
});

describe("other peers", () => {
  it("names match observed outside addresses", () => {
    const peer: Peer = { of: "fqdn", name: { kind: "pattern", pattern: "*.example.com" }, place };
    expect(matchesPeer(peer, outside, cilium)).toBe(true);
    expect(matchesPeer(peer, six, cilium)).toBe(false);
    expect(matchesPeer(peer, { ...pod, fqdns: ["api.example.com"] }, cilium)).toBe(false);
  });

  it("nodes match by their labels", () => {
    const requirements = [
      { source: "node", key: "role", operator: "In" as const, values: ["worker"] },
    ];
    const peer: Peer = { of: "nodes", selector: { requirements }, place };
    expect(matchesPeer(peer, worker, cilium)).toBe(true);
    expect(matchesPeer(peer, server, cilium)).toBe(false);
    const without = matchContext({ ...PROFILES.cilium, nodeLabels: false });
    expect(matchesPeer(peer, worker, without)).toBe(false);
  });

  it("services match their backends", () => {
    const named = (name: string): Peer => ({
      of: "service",
      service: { name, namespace: "shop" },
      place,
    });
    expect(matchesPeer(named("web"), pod, cilium)).toBe(true);
    expect(matchesPeer(named("web"), { ...pod, namespace: "shop" }, cilium)).toBe(true);
    expect(matchesPeer(named("db"), outside, cilium)).toBe(true);
    expect(matchesPeer(named("db"), pod, cilium)).toBe(false);
    expect(matchesPeer(named("empty"), pod, cilium)).toBe(false);
    expect(matchesPeer(named("missing"), pod, cilium)).toBe(false);
  });

  it("pods of the host network are nobody's pods", () => {
    const peer: Peer = { of: "endpoints", selector: { requirements: [] }, place };
    expect(matchesPeer(peer, pod, kubernetes)).toBe(true);
    expect(matchesPeer(peer, { ...pod, hostNetwork: true }, kubernetes)).toBe(false);
  });

  it("what is unknown lets nobody in and keeps everybody out", () => {
    const peers: Peer[] = [{ of: "unknown", what: "toGroups", place }];
    const rule = (action: Rule["action"]): Rule => ({
      direction: "egress",
      section: action === "deny" ? "egressDeny" : "egress",
      index: 0,
      action,
      peers,
      ports: "any",
      place,
    });
    expect(matchesPeers(rule("allow"), outside, cilium)).toBe(false);
    expect(matchesPeers(rule("deny"), outside, cilium)).toBe(true);
    expect(matchesPeers(rule("pass"), outside, cilium)).toBe(true);
  });
});
