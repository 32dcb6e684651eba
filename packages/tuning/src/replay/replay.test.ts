import type { Flow } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { describe, expect, it } from "vitest";
import { clusterOfManifests } from "../cluster/index.js";
import { foldFlows } from "../traffic/index.js";
import { readCandidate } from "./candidate.js";
import { lintCandidate } from "./lint.js";
import { createReplayer, replay } from "./replayer.js";

const AT = Date.UTC(2026, 5, 1, 12);
const CLUSTER = { cluster: "default" };

function clusterOf(yaml: string, profile: keyof typeof PROFILES = "cilium") {
  const manifests = mergeManifests([parseManifests(yaml, "in-force.yaml", CLUSTER)]);
  return clusterOfManifests(manifests, { at: AT, profile: PROFILES[profile] });
}

const end = (app: string) => ({
  namespace: "shop",
  pod_name: `${app}-0`,
  identity: 1000,
  labels: [`k8s:app=${app}`, "k8s:io.kubernetes.pod.namespace=shop"],
});

function flow(at: number, more: Partial<Flow> = {}): Flow {
  return {
    time: new Date(AT - at * 3_600_000).toISOString(),
    uuid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
    verdict: "FORWARDED",
    event_type: { type: 4 },
    is_reply: false,
    IP: { source: "10.0.0.1", destination: "10.0.0.2" },
    l4: { TCP: { source_port: 40_000, destination_port: 8080 } },
    source: end("web"),
    destination: end("api"),
    ...more,
  };
}

const request = (at: number, method: string, url: string): Flow =>
  flow(at, { event_type: { type: 129 }, l7: { type: "REQUEST", http: { method, url } } });

const ingress = (rules: string): string => `apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  endpointSelector: { matchLabels: { app: api } }
  ingress:
    - fromEndpoints: [{ matchLabels: { app: web } }]
      toPorts: [{ ports: [{ port: "8080", protocol: TCP }]${rules} }]
`;

describe("rules for requests", () => {
  const requests = [
    request(1, "GET", "http://api/items?page=1"),
    request(2, "GET", "http://api/items"),
    request(3, "DELETE", "http://api/items"),
  ];
  const onlyGet = ", rules: { http: [{ method: GET }] }";

  it("deny what the proxy would refuse, and nothing else", () => {
    const { counts, groups } = replay(
      clusterOf(ingress("")),
      foldFlows(requests),
      readCandidate(ingress(onlyGet), CLUSTER),
    );
    expect(counts.newlyDenied).toEqual({ edges: 1, flows: 1 });
    const [group] = groups;
    expect(group).toMatchObject({ change: "newly-denied", direction: "ingress", flows: 1 });
    expect(group?.says).toContain("refuses DELETE /items");
    expect(group?.policies).toEqual([
      { kind: "CiliumNetworkPolicy", namespace: "shop", name: "api" },
    ]);
  });

  it("taken away let them pass again", () => {
    const { counts, groups } = replay(
      clusterOf(ingress(onlyGet)),
      foldFlows(requests),
      readCandidate(ingress(""), CLUSTER),
    );
    expect(counts.newlyAllowed).toEqual({ edges: 1, flows: 1 });
    expect(groups[0]?.says).toContain("lets pass DELETE /items");
  });

  it("are unknown where no request was seen, unless they let everything pass", () => {
    const seen = foldFlows([flow(1)]);
    const ask = (rules: string) =>
      replay(clusterOf(ingress("")), seen, readCandidate(ingress(rules), CLUSTER));
    const { counts, evidence } = ask(onlyGet);
    expect(counts.unknown).toEqual({ edges: 1, flows: 1 });
    expect(evidence.unknown).toEqual([
      expect.objectContaining({ edges: 1, flows: 1, why: expect.stringContaining("requests") }),
    ]);
    expect(ask(", rules: { http: [{}] }").counts.stillAllowed).toEqual({ edges: 1, flows: 1 });
  });
});

describe("a replayer", () => {
  it("answers as if asked for the first time, however often it was asked before", () => {
    const traffic = foldFlows([flow(1), flow(30), flow(200, { verdict: "DROPPED" })]);
    const replayer = createReplayer(clusterOf(ingress("")), traffic);
    const closed = readCandidate(ingress("").replace("app: web", "app: nobody"), CLUSTER);
    const first = replayer.replay(closed);
    expect(first.counts.newlyDenied).toEqual({ edges: 2, flows: 3 });
    for (let more = 0; more < 205; more += 1)
      replayer.replay(readCandidate(ingress("").replace("8080", String(9000 + more)), CLUSTER));
    expect(replayer.replay(closed)).toEqual(first);
    // One connection that was seen in both ways.
    expect(first.groups).toHaveLength(1);
    expect(first.groups[0]).toMatchObject({ flows: 3, seen: { forwarded: 2, dropped: 1 } });
    // The newest 168 hours.
    expect(first.groups[0]?.trend).toHaveLength(168);
    expect(first.groups[0]?.trend.reduce((a, b) => a + b, 0)).toBe(2);
  });

  it("tells what the candidate does to each policy, and takes an unchanged one for the same wherever it stands", () => {
    const other = ingress("").replace("name: api", "name: other");
    const { changes, counts } = replay(
      clusterOf(`${ingress("")}---\n${other}`),
      foldFlows([flow(1)]),
      readCandidate(
        `# moved\n\n${ingress("")}---\n${ingress("").replace("name: api", "name: more")}`,
        {
          ...CLUSTER,
          remove: ["CiliumNetworkPolicy/shop/other", "CiliumNetworkPolicy/shop/unknown"],
        },
      ),
    );
    expect(changes.map(({ policy, change }) => [policy.name, change])).toEqual([
      ["more", "added"],
      ["other", "removed"],
      ["api", "same"],
    ]);
    expect(counts.stillAllowed.edges).toBe(1);
  });
});

describe("what is doubtful about a candidate", () => {
  it("is told: what does not parse, kinds that the cluster may not have, and lints", () => {
    const seen = foldFlows([flow(1)]);
    const broken = replay(
      clusterOf(""),
      seen,
      readCandidate(ingress("").replace("8080", "99999"), CLUSTER),
    );
    expect(broken.problems[0]).toMatchObject({ severity: "error", rule: "", line: 8 });
    const foreign = replay(clusterOf("", "kubernetes"), seen, readCandidate(ingress(""), CLUSTER));
    expect(foreign.problems[0]?.message).toContain("is not Cilium");
    const admin = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: a }
spec: { priority: 1, subject: { namespaces: {} } }
`;
    const unsure = replay(clusterOf(""), seen, readCandidate(admin, CLUSTER));
    expect(unsure.problems[0]).toMatchObject({ severity: "warning" });
    expect(replay(clusterOf(admin), seen, readCandidate(admin, CLUSTER)).problems).toEqual([]);
    const egress = (name: string, port: number): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: UDP, port: ${port} }, { protocol: TCP, port: ${port} }] }]
`;
    const rulesOf = (inForce: string): string[] =>
      lintCandidate(egress("calls", 8080), clusterOf(inForce)).map(({ rule }) => rule);
    expect(rulesOf("")).toContain("NP101");
    // Another policy of the namespace lets names be looked up.
    expect(rulesOf(egress("names", 53))).not.toContain("NP101");
  });
});
