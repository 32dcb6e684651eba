import type { DropExplanation, Endpoint, Flow } from "@dropscope/model";
import {
  type Catalog,
  createCatalog,
  mergeManifests,
  parseManifests,
  PROFILES,
  type Profile,
} from "@dropscope/policy";
import { catalogOfManifests } from "./catalog.js";
import { explainFlow } from "./explain-flow.js";

/** The moment of all flows of the tests, ms since 1970. */
export const AT = Date.UTC(2026, 2, 1, 12);
const TIME = "2026-03-01T12:00:00.000000000Z";

/** A SYN of web/checkout to web/db that was denied on its way in. */
export function drop(patch: Flow = {}): Flow {
  return {
    time: TIME,
    uuid: "00000000-0000-4000-8000-000000000001",
    verdict: "DROPPED",
    drop_reason_desc: "POLICY_DENIED",
    event_type: { type: 5 },
    traffic_direction: "INGRESS",
    node_name: "node-1",
    IP: { source: "10.0.1.5", destination: "10.0.2.9", ipVersion: "IPv4" },
    l4: { TCP: { source_port: 40000, destination_port: 5432, flags: { SYN: true } } },
    source: pod("web", "checkout"),
    destination: pod("web", "db"),
    ...patch,
  };
}

/** A pod as Hubble shows it, with the labels of its identity. */
export function pod(namespace: string, app: string, more: readonly string[] = []): Endpoint {
  return {
    identity: 4242,
    namespace,
    pod_name: `${app}-0`,
    labels: [
      `k8s:app=${app}`,
      `k8s:io.kubernetes.pod.namespace=${namespace}`,
      `k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=${namespace}`,
      "k8s:io.cilium.k8s.policy.cluster=default",
      ...more,
    ],
    workloads: [{ name: app, kind: "StatefulSet" }],
  };
}

export const world = (labels: readonly string[] = []): Endpoint => ({
  identity: 2,
  labels: [...labels, "reserved:world"],
});

/** A catalog that held what the YAML says all the time. */
export function always(yaml: string, profile: Profile = PROFILES.cilium): Catalog {
  const manifests = mergeManifests([
    parseManifests(yaml, "p.yaml", { cluster: profile.cluster, namespace: "web" }),
  ]);
  const errors = manifests.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return catalogOfManifests(manifests, profile);
}

export function explainBy(
  yaml: string | Catalog,
  flow: Flow,
  profile: Profile = PROFILES.cilium,
): DropExplanation {
  const history = typeof yaml === "string" ? always(yaml, profile) : yaml;
  return explainFlow(flow, history, { profile });
}

/** A catalog that is told of whole objects at moments, in seconds from `AT`. */
export interface Told {
  readonly catalog: Catalog;
  /** The object of the YAML is so from then on. */
  set(seconds: number, yaml: string): Told;
  remove(seconds: number, kind: "NetworkPolicy" | "CiliumNetworkPolicy", name: string): Told;
}

export function told(profile: Profile = PROFILES.cilium): Told {
  const catalog = createCatalog({ profile });
  const self: Told = {
    catalog,
    set(seconds, yaml) {
      const at = AT + seconds * 1000;
      const { policies, namespaces, workloads, problems } = parseManifests(yaml, "p.yaml", {
        namespace: "web",
      });
      if (problems.length > 0) throw new Error(JSON.stringify(problems));
      const [policy] = policies;
      if (policy !== undefined) {
        const { kind, namespace, name } = policy;
        catalog.apply({ type: "set", at, object: { kind, namespace, name, value: policies } });
      }
      for (const value of namespaces)
        if (value.place !== undefined)
          catalog.apply({
            type: "set",
            at,
            object: { kind: "Namespace", namespace: "", name: value.name, value },
          });
      for (const value of workloads) {
        const { namespace, name } = value;
        catalog.apply({ type: "set", at, object: { kind: "Pod", namespace, name, value } });
      }
      return self;
    },
    remove(seconds, kind, name) {
      const at = AT + seconds * 1000;
      catalog.apply({ type: "delete", at, id: { kind, namespace: "web", name } });
      return self;
    },
  };
  return self;
}

/** Admits only pods with `app` to web/db on TCP 5432. */
export const dbIngress = (app = "api", port = 5432): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-ingress, namespace: web }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress:
    - from: [{ podSelector: { matchLabels: { app: ${app} } } }]
      ports: [{ port: ${port} }]
`;
