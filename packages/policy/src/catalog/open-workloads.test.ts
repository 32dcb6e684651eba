import { expect, test } from "vitest";
import { parseManifests } from "../parse/manifests.js";
import { PROFILES } from "../profile.js";
import { createCatalog, openWorkloads } from "./index.js";

const profile = PROFILES.cilium;

function pod(name: string, app: string, owner: string, more = ""): string {
  return `
---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: web
  labels: { app: ${app} }
  ownerReferences: [${owner}]
spec: { containers: [{ name: c, image: i }]${more} }
`;
}

const owner = (kind: string, name: string): string =>
  `{ kind: ${kind}, name: ${name}, controller: true }`;

function openOf(yaml: string) {
  const { policies, workloads, problems } = parseManifests(yaml, "-", { namespace: "web" });
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const catalog = createCatalog({ profile });
  for (const policy of policies) {
    const { kind, namespace, name } = policy;
    const object = { kind, namespace, name, value: [policy] } as const;
    catalog.apply({ type: "set", at: 0, object });
  }
  return openWorkloads(workloads, catalog.at(1), profile);
}

const DB = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec: { podSelector: { matchLabels: { app: db } }, policyTypes: [Ingress] }
`;

test("workloads that no policy restricts, those first that none selects", () => {
  const db = pod("db-0", "db", owner("StatefulSet", "db"));
  const web = ["7d4b9c6f5-abcde", "7d4b9c6f5-fghij"].map((end) =>
    pod(`web-${end.replaceAll(/[aei]/g, "x")}`, "web", owner("ReplicaSet", "web-7d4b9c6f5")),
  );
  const agent = pod("agent-x7k2p", "agent", owner("DaemonSet", "agent"), ", hostNetwork: true");
  expect(openOf(`${DB}${db}${web.join("")}${agent}`)).toEqual([
    {
      namespace: "web",
      name: "web",
      kind: "Deployment",
      pods: 2,
      open: ["ingress", "egress"],
      selected: false,
    },
    {
      namespace: "web",
      name: "db",
      kind: "StatefulSet",
      pods: 1,
      open: ["egress"],
      selected: true,
    },
  ]);
});

test("a clusterwide policy closes what it selects, a policy of another namespace does not", () => {
  const everywhere = `
---
apiVersion: cilium.io/v2
kind: CiliumClusterwideNetworkPolicy
metadata: { name: all }
spec: { endpointSelector: {}, ingress: [{}], egress: [{}] }
`;
  const web = pod("web-0", "web", owner("StatefulSet", "web"));
  expect(openOf(`${DB}${web}${everywhere}`)).toEqual([]);
  const elsewhere = DB.replace("namespace: web", "namespace: other").replace("app: db", "app: web");
  expect(openOf(`${elsewhere}${web}`)).toMatchObject([{ name: "web", selected: false }]);
});
