import type { DnsFinding, Peer } from "@dropscope/model";
import { expect, test } from "vitest";
import { dnsFindings } from "./batch.js";
import { dnsLink, findingsOfProblem } from "./joined.js";
import { flowMaker, testPolicies, world } from "./testing.js";

const flows = flowMaker();
const later = flows.dropped(12, { server: world("203.0.113.9"), port: 443, protocol: "TCP" });
const [finding] = dnsFindings(
  [...flows.dropped(0), ...flows.dropped(5), ...later],
  testPolicies(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: web}
spec: {podSelector: {}, policyTypes: [Egress]}`),
) as [DnsFinding];

const workload = (namespace: string, name: string): Peer => ({ kind: "workload", namespace, name });
const problem = {
  source: workload("web", "checkout"),
  destination: workload("kube-system", "coredns"),
  direction: "egress",
  port: 53,
  samples: [],
  firstSeen: "2026-03-01T12:00:00Z",
  lastSeen: "2026-03-01T12:00:05Z",
} as const;

test("drops of lookups are the cause of their finding", () => {
  expect(dnsLink(finding, problem)).toBe("cause");
  expect(findingsOfProblem([finding], problem)).toEqual([finding.id]);
});

test("another client, server, port, direction or time is not", () => {
  const others = [
    { source: workload("web", "cart") },
    { destination: workload("kube-system", "other") },
    { port: 443 },
    { direction: "ingress" },
    { firstSeen: "2026-03-02T12:00:00Z", lastSeen: "2026-03-02T12:00:05Z" },
  ] as const;
  for (const other of others) expect(dnsLink(finding, { ...problem, ...other })).toBeUndefined();
});

test("drops that follow are told as such, by their own flows", () => {
  const after = {
    ...problem,
    destination: { kind: "ip", namespace: "", name: "203.0.113.9" },
    port: 443,
    samples: [later[0]?.uuid ?? ""],
  } as const;
  expect(dnsLink(finding, after)).toBe("after");
  expect(dnsLink(finding, { ...after, samples: ["other"] })).toBeUndefined();
});
