import { type OpenWorkload, podOwner } from "@dropscope/model";
import { selectsEndpoint } from "../match/subject.js";
import type { Workload } from "../objects.js";
import type { Policy } from "../policy.js";
import type { Profile } from "../profile.js";
import { podEndpoint } from "../world/ends.js";
import type { CatalogView } from "./view.js";

/** Workloads that are told, at most. */
const MAX_WORKLOADS = 10_000;

/**
 * Workloads that no policy restricts in one direction or in both, as the cluster was at a moment;
 * those that no policy selects at all come first, then by namespace and name. Pods of the host
 * network are left out: no policy can select them.
 */
export function openWorkloads(
  pods: Iterable<Workload>,
  view: Pick<CatalogView, "policies" | "context" | "namespaceLabels">,
  profile: Profile,
): OpenWorkload[] {
  const context = view.context();
  const policiesOf = byNamespace(view.policies());
  const found = new Map<string, OpenWorkload & { pods: number }>();
  for (const pod of pods) {
    if (pod.hostNetwork) continue;
    const { kind, name } = workloadOf(pod);
    const key = JSON.stringify([pod.namespace, kind, name]);
    const known = found.get(key);
    // Replicas have equal labels but for what no selector should name.
    if (known !== undefined) {
      known.pods++;
      continue;
    }
    if (found.size >= MAX_WORKLOADS) continue;
    const full = `${pod.namespace}/${pod.name}`;
    const labels = view.namespaceLabels(pod.namespace);
    const endpoint = podEndpoint({ ...pod, name: full }, labels, profile.cluster);
    const selecting = policiesOf(pod.namespace).filter((policy) =>
      selectsEndpoint(policy, endpoint, context),
    );
    const open = DIRECTIONS.filter(
      (direction) => !selecting.some(({ isolates }) => isolates[direction]),
    );
    const selected = selecting.length > 0;
    found.set(key, { namespace: pod.namespace, name, kind, pods: 1, open, selected });
  }
  return [...found.values()].filter(({ open }) => open.length > 0).sort(compare);
}

/** What makes what owns the pod: a Deployment keeps its name when its ReplicaSet is another one. */
const MAKERS: Readonly<Record<string, string>> = { ReplicaSet: "Deployment", Job: "CronJob" };

function workloadOf({ kind, name, owner }: Workload): { kind: string; name: string } {
  // A template stands for its pods.
  if (owner === undefined) return { kind, name };
  const maker = MAKERS[owner.kind];
  const made = podOwner(name);
  return maker === undefined || made === "" || made === owner.name
    ? owner
    : { kind: maker, name: made };
}

const DIRECTIONS = ["ingress", "egress"] as const;

/** Policies that may select pods of a namespace: its own, and clusterwide ones. */
function byNamespace(policies: readonly Policy[]): (namespace: string) => readonly Policy[] {
  const known = new Map<string, Policy[]>();
  for (const policy of policies) {
    const some = known.get(policy.namespace);
    if (some === undefined) known.set(policy.namespace, [policy]);
    else some.push(policy);
  }
  const clusterwide = known.get("") ?? [];
  return (namespace) => [...clusterwide, ...(known.get(namespace) ?? [])];
}

function compare(a: OpenWorkload, b: OpenWorkload): number {
  if (a.selected !== b.selected) return a.selected ? 1 : -1;
  const [left, right] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
