import { readdirSync, readFileSync } from "node:fs";
import { parseManifests } from "@dropscope/policy";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { RESOURCES } from "./resources.js";

const deploy = new URL("../../../../../deploy/", import.meta.url);

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  [more: string]: unknown;
}

function manifests(folder: string): Manifest[] {
  return readdirSync(new URL(`${folder}/`, deploy))
    .filter((name) => name !== "kustomization.yaml")
    .flatMap((name) =>
      parseAllDocuments(readFileSync(new URL(`${folder}/${name}`, deploy), "utf8")).map(
        (document) => document.toJS() as Manifest,
      ),
    );
}

const all = [...manifests("base"), ...manifests("cilium")];
const ofKind = (kind: string): Manifest[] => all.filter((one) => one.kind === kind);

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}
const rules = ofKind("ClusterRole").flatMap((role) => role["rules"] as Rule[]);

describe("S25: rights", () => {
  test("S25: get, list and watch, and no other verb", () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const { verbs } of rules) expect(verbs).toEqual(["get", "list", "watch"]);
  });

  test("S25: no secrets, no wildcards, no resource within another", () => {
    const named = rules.flatMap(({ apiGroups, resources }) => [...apiGroups, ...resources]);
    for (const name of named) expect(name).toMatch(/^[a-z0-9.]*$/);
    expect(named).not.toContain("secrets");
    expect(named).not.toContain("configmaps");
  });

  test("S25: exactly what is read", () => {
    const granted = rules
      .flatMap(({ apiGroups, resources }) =>
        apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
      )
      .sort();
    const read = RESOURCES.map(({ group, plural }) => `${group}/${plural}`).sort();
    expect(granted).toEqual(read);
  });

  test("S25: the role is bound to one account, whose token only the one pod mounts", () => {
    const [binding] = ofKind("ClusterRoleBinding");
    expect(binding).toMatchObject({
      roleRef: { kind: "ClusterRole", name: "dropscope" },
      subjects: [{ kind: "ServiceAccount", name: "dropscope", namespace: "dropscope" }],
    });
    expect(ofKind("Role")).toEqual([]);
    expect(ofKind("ServiceAccount")).toMatchObject([{ automountServiceAccountToken: false }]);
    expect(ofKind("Secret")).toEqual([]);
  });
});

test("S27: the pod is unprivileged, on a read-only root", () => {
  const [deployment] = ofKind("Deployment");
  const { template } = (deployment as Manifest)["spec"] as { template: { spec: PodSpec } };
  const pod = template.spec;
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 10001,
    seccompProfile: { type: "RuntimeDefault" },
  });
  expect(pod.containers).toHaveLength(1);
  const [container] = pod.containers;
  expect(container?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"])
    expect(container).toHaveProperty(probe);
  expect(pod).not.toHaveProperty("hostNetwork");
});

interface PodSpec {
  securityContext: unknown;
  containers: { securityContext: unknown }[];
}

test("dropscope's own policies parse, deny by default, and let it reach relay, DNS and the API server", () => {
  for (const path of ["base/network-policy.yaml", "cilium/cilium-network-policy.yaml"]) {
    const text = readFileSync(new URL(path, deploy), "utf8");
    const { policies, problems } = parseManifests(text, path);
    expect(problems).toEqual([]);
    expect(policies).toHaveLength(1);
    const [policy] = policies;
    expect(policy?.isolates).toEqual({ ingress: true, egress: true });
    expect(policy?.rules.filter(({ direction }) => direction === "egress")).toHaveLength(3);
    const ports = policy?.rules.flatMap(({ ports }) =>
      ports === "any" ? [] : ports.flatMap((port) => (port.of === "number" ? [port.first] : [])),
    );
    expect(ports).toEqual(expect.arrayContaining([4245, 53, 443, 6443]));
  }
});

test("everything lies in one namespace", () => {
  for (const { metadata } of all) expect(["dropscope", undefined]).toContain(metadata.namespace);
});
