import { describe, expect, it } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import type { Policy } from "../policy.js";
import { PROFILES } from "../profile.js";
import { addressEndpoint, nodeEndpoint, podEndpoint, reservedEndpoint } from "../world/ends.js";
import { matchContext } from "./context.js";
import { selectsEndpoint } from "./subject.js";

const labels = { app: "web" };
const pod = podEndpoint({ name: "shop/web", namespace: "shop", labels }, {}, "default");
const host = nodeEndpoint({ name: "host", kind: "host", labels: { role: "worker" } }, "default");
const worker = nodeEndpoint(
  { name: "w", kind: "remote-node", labels: { role: "worker" } },
  "default",
);
const context = matchContext(PROFILES.cilium);
const withFirewall = matchContext({ ...PROFILES.cilium, hostFirewall: true });

function policy(kind: string, selector: string): Policy {
  const { policies } = parseManifests(
    `{apiVersion: ${kind === "NetworkPolicy" ? "networking.k8s.io/v1" : "cilium.io/v2"}, kind: ${kind}, metadata: {name: p, namespace: shop}, spec: {${selector}, ingress: [{}]}}`,
    "-",
  );
  expect(policies).toHaveLength(1);
  return policies[0] as Policy;
}

describe("whom a policy is about", () => {
  it("are the pods of its namespace that its selector matches", () => {
    const web = policy("NetworkPolicy", "podSelector: {matchLabels: {app: web}}");
    expect(selectsEndpoint(web, pod, context)).toBe(true);
    const other = podEndpoint({ name: "x/web", namespace: "x", labels }, {}, "default");
    expect(selectsEndpoint(web, other, context)).toBe(false);
    const api = podEndpoint({ name: "shop/api", namespace: "shop", labels: {} }, {}, "default");
    expect(selectsEndpoint(web, api, context)).toBe(false);
    expect(selectsEndpoint(policy("NetworkPolicy", "podSelector: {}"), api, context)).toBe(true);
  });

  it("are never pods of the host network or of another cluster, nor what is no pod", () => {
    const all = policy("CiliumClusterwideNetworkPolicy", "endpointSelector: {}");
    const far = podEndpoint({ name: "far", namespace: "shop", labels }, {}, "c2", "default");
    expect(selectsEndpoint(all, pod, context)).toBe(true);
    for (const end of [
      { ...pod, hostNetwork: true },
      far,
      host,
      worker,
      reservedEndpoint("health"),
      addressEndpoint({ address: "1.1.1.1" }),
    ])
      expect(selectsEndpoint(all, end, withFirewall)).toBe(false);
  });

  it("is the own node, with a host firewall, for a nodeSelector", () => {
    const nodes = policy(
      "CiliumClusterwideNetworkPolicy",
      "nodeSelector: {matchLabels: {role: worker}}",
    );
    expect(selectsEndpoint(nodes, host, withFirewall)).toBe(true);
    expect(selectsEndpoint(nodes, host, context)).toBe(false);
    expect(selectsEndpoint(nodes, worker, withFirewall)).toBe(false);
    expect(selectsEndpoint(nodes, pod, withFirewall)).toBe(false);
  });
});
