import { type Flow, LOCAL_VIEWER, type Problem } from "@dropscope/model";
import { createMemoryKnowledge } from "../testing/memory-knowledge.js";
import { explanationAt, problemAt } from "../testing/problems.js";
import { createWorlds } from "../world/worlds.js";
import { findFixes, type FixAnswer } from "./fixes.js";

const NOW = Date.parse("2026-11-22T12:00:00Z");

export const DEFAULT_DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: payments
spec:
  podSelector: {}
  policyTypes: [Ingress]
`;

export function pod(
  namespace: string,
  name: string,
  labels: Record<string, string>,
): Flow["source"] & {} {
  return {
    namespace,
    pod_name: `${name}-7d4b9c6f5-abcde`,
    identity: 1001,
    labels: [
      ...Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
    ],
  };
}

/** Fixes of a problem of which one flow is known, under the manifests. */
export async function ask(
  manifests: readonly string[],
  change: Partial<Problem>,
  flow: Flow,
): Promise<FixAnswer> {
  const knowledge = createMemoryKnowledge();
  for (const text of manifests) knowledge.addManifests(text);
  const { direction = "egress", outcome = "default-deny" } = change;
  const explanation = explanationAt(NOW, { direction, outcome });
  const problem = problemAt(NOW, { explanation, ...change });
  const { signal } = new AbortController();
  const worlds = createWorlds(knowledge);
  return findFixes(problem, flow, NOW, { knowledge, worlds, viewer: LOCAL_VIEWER, signal });
}

export const checkout = pod("web", "checkout", {
  app: "checkout",
  "pod-template-hash": "7d4b9c6f5",
});
export const dns = pod("kube-system", "coredns", { "k8s-app": "kube-dns" });
export const api = pod("payments", "api", { app: "api" });
