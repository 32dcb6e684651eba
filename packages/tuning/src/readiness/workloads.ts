import { podOwner } from "@dropscope/model";
import type { Direction, Endpoint } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";

/** One workload of a namespace: replicas are one, whatever the hash in their names. */
export interface NamespaceWorkload {
  readonly name: string;
  /** Stands for all of them. */
  readonly endpoint: Endpoint;
  /** Whether a policy makes deny the default for it. */
  readonly isolated: Readonly<Record<Direction, boolean>>;
  /** Whether any policy selects it. */
  readonly selected: boolean;
}

/**
 * Workloads by namespace: those of the cluster's pods, and those that only flows tell of.
 * Pods of the host network are left out: no policy selects them.
 */
export function workloadsOf(
  cluster: TuningCluster,
  seen: ReadonlyMap<string, { readonly pods: ReadonlyMap<string, Endpoint> }>,
): Map<string, NamespaceWorkload[]> {
  const ends = new Map<string, Map<string, Endpoint>>();
  const add = (namespace: string, name: string, endpoint: Endpoint): void => {
    const own = ends.get(namespace) ?? new Map<string, Endpoint>();
    ends.set(namespace, own);
    if (!own.has(name)) own.set(name, endpoint);
  };
  for (const object of cluster.objects) {
    if (object.kind !== "Pod" || object.value.hostNetwork) continue;
    const { namespace, name, value } = object;
    const endpoint = cluster.view.endpoint(`${namespace}/${name}`);
    if (endpoint !== undefined)
      add(namespace, podOwner(name) || (value.owner?.name ?? "") || name, endpoint);
  }
  for (const [namespace, { pods }] of seen)
    for (const [name, endpoint] of pods) add(namespace, name, endpoint);
  const told = new Map<string, NamespaceWorkload[]>();
  for (const [namespace, own] of ends)
    told.set(
      namespace,
      [...own]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, endpoint]) => toldOf(name, endpoint, cluster)),
    );
  return told;
}

function toldOf(
  name: string,
  endpoint: Endpoint,
  { moment, profile }: TuningCluster,
): NamespaceWorkload {
  const isolated = (direction: Direction): boolean =>
    profile.enforcement !== "never" &&
    (profile.enforcement === "always" ||
      moment.selecting(endpoint, direction).some(({ isolates }) => isolates[direction]));
  return {
    name,
    endpoint,
    isolated: { ingress: isolated("ingress"), egress: isolated("egress") },
    selected: (["ingress", "egress"] as const).some(
      (direction) => moment.selecting(endpoint, direction).length > 0,
    ),
  };
}
