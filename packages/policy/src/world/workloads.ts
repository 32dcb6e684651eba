import type { Endpoint } from "../endpoint.js";
import type { Manifests, Node, Workload } from "../objects.js";
import type { Profile } from "../profile.js";
import { nodeEndpoint, podEndpoint } from "./ends.js";

/** Pods that one controller owns, or a pod or template that stands for itself. */
export interface WorldWorkload {
  readonly namespace: string;
  readonly name: string;
  /** Kind of the controller (`ReplicaSet`, `Deployment`), or `Pod`. */
  readonly kind: string;
  /** Stands for all of them: the first. */
  readonly endpoint: Endpoint;
  /** Every pod or template of it, under its own name. */
  readonly pods: readonly Endpoint[];
  /** What they were made of, in the same order. */
  readonly sources: readonly Workload[];
}

export interface PodContext {
  readonly profile: Profile;
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  node(name: string): Node | undefined;
  /** Whether pods of the host network are judged as what they are: the node. */
  readonly hostNetworkAsNode: boolean;
}

/** Replicas of one owner become one workload, as every tool that lists connections shows them. */
export function workloadsOf(manifests: Manifests, context: PodContext): WorldWorkload[] {
  const groups = new Map<string, { id: Identity; sources: Workload[] }>();
  for (const source of manifests.workloads) {
    const id = identityOf(source);
    const key = JSON.stringify([id.namespace, id.kind, id.name]);
    const group = groups.get(key) ?? { id, sources: [] };
    group.sources.push(source);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ id, sources }) => ({
    namespace: id.namespace,
    name: id.name,
    kind: id.kind,
    sources,
    pods: sources.map((source) => endpointOf(source, source.name, context)),
    endpoint: endpointOf(sources[0] as Workload, id.name, context),
  }));
}

interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
}

function identityOf({ namespace, name, kind, owner }: Workload): Identity {
  // A node owns static pods, which are nobody's replicas.
  return owner === undefined || owner.kind === "Node"
    ? { namespace, name, kind }
    : { namespace, name: owner.name, kind: owner.kind === "" ? "Pod" : owner.kind };
}

function endpointOf(source: Workload, name: string, context: PodContext): Endpoint {
  const full = `${source.namespace}/${name}`;
  const { cluster } = context.profile;
  if (source.hostNetwork && context.hostNetworkAsNode) {
    const node = source.nodeName === undefined ? undefined : context.node(source.nodeName);
    const addresses = [...new Set([...source.addresses, ...(node?.addresses ?? [])])];
    // Which node a connection starts on is not known: that it is another one is the careful guess.
    const kind = "remote-node";
    return nodeEndpoint(
      { name: full, kind, labels: node?.labels ?? {}, addresses, hostNetwork: true },
      cluster,
    );
  }
  const { excludedLabels } = context.profile;
  const labels = Object.fromEntries(
    Object.entries(source.labels).filter(([key]) => !excludedLabels.includes(key)),
  );
  const namespaceLabels = context.namespaceLabels(source.namespace);
  return podEndpoint({ ...source, name: full, labels }, namespaceLabels, cluster);
}
