import type { Endpoint } from "../../endpoint.js";
import { parseLabels } from "../../labels.js";
import type { MatchContext } from "../../match/context.js";
import { matchesPeer } from "../../match/peer.js";
import { matchesSelector } from "../../match/selector.js";
import { isBackend } from "../../match/service.js";
import { selectsEndpoint } from "../../match/subject.js";
import type { Manifests, Service, Workload } from "../../objects.js";
import type { Peer, Policy } from "../../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
  type Selector,
  SERVICE_ACCOUNT,
} from "../../selector.js";
import type { Evidence } from "../finding.js";
import { isOfNamespace, type NamespaceIndex } from "./namespaces.js";

/** A pod, or what a workload makes pods of, as its object and as an end of connections. */
export interface Pod {
  readonly workload: Workload;
  readonly endpoint: Endpoint;
}

/** The pods of the input. An input without pods says nothing about who is selected. */
export interface PodIndex {
  readonly all: readonly Pod[];
  /** Host-network pods are among them. */
  in(namespace: string): readonly Pod[];
  /** Pods that the policy is about; never host-network ones. */
  selectedBy(policy: Policy): readonly Pod[];
  /** Pods that the peer means; never host-network ones. */
  of(peer: Peer): readonly Pod[];
  /** Pods whose labels match, host-network ones too: whom the author has in mind. */
  labelled(selector: Selector): readonly Pod[];
  behind(service: Service): readonly Pod[];
  /** Policies of every tier that are about the pod, in their order. */
  policiesOf(pod: Pod): readonly Policy[];
}

export function indexPods(
  manifests: Manifests,
  namespaces: NamespaceIndex,
  match: MatchContext,
): PodIndex {
  const all = manifests.workloads.map((workload) => ({
    workload,
    endpoint: endpointOf(workload, namespaces, match.profile.cluster),
  }));
  const byNamespace = new Map<string, Pod[]>();
  for (const pod of all) {
    const of = byNamespace.get(pod.workload.namespace);
    if (of) of.push(pod);
    else byNamespace.set(pod.workload.namespace, [pod]);
  }
  const within = (namespace: string): readonly Pod[] => byNamespace.get(namespace) ?? [];
  /** A selector that asks for namespaces need not look at the others' pods. */
  const candidates = (selector: Selector): readonly Pod[] =>
    selector.requirements.some(isOfNamespace)
      ? namespaces.matching(selector).flatMap(({ name }) => likely(name, selector))
      : all;
  const byLabel = new Map<string, ReadonlyMap<string, readonly Pod[]>>();
  /** Pods of a namespace that have a label that the selector asks for; all when it asks for none. */
  const likely = (namespace: string, selector: Selector): readonly Pod[] => {
    const asked = selector.requirements.find(asksForLabel);
    if (asked === undefined) return within(namespace);
    const index = byLabel.get(namespace) ?? indexLabels(within(namespace));
    byLabel.set(namespace, index);
    return asked.values.flatMap((value) => index.get(`${asked.key}=${value}`) ?? []);
  };
  // Many lints ask for the same selectors, and many policies write them.
  const labelled = new Map<string, readonly Pod[]>();
  const selected = new Map<Policy, readonly Pod[]>();
  const selectedBy = (policy: Policy): readonly Pod[] => {
    let pods = selected.get(policy);
    if (pods === undefined) {
      const { selector } = policy.subject;
      const among =
        policy.namespace === "" ? candidates(selector) : likely(policy.namespace, selector);
      pods = among.filter(({ endpoint }) => selectsEndpoint(policy, endpoint, match));
      selected.set(policy, pods);
    }
    return pods;
  };
  const labelledBy = (selector: Selector): readonly Pod[] => {
    const key = selectorKey(selector);
    let pods = labelled.get(key);
    if (pods === undefined) {
      pods = candidates(selector).filter(({ endpoint }) =>
        matchesSelector(selector, endpoint.labels),
      );
      labelled.set(key, pods);
    }
    return pods;
  };
  let policies: Map<Pod, Policy[]> | undefined;
  return {
    all,
    in: within,
    selectedBy,
    policiesOf(pod) {
      policies ??= policiesByPod(manifests.policies, selectedBy);
      return policies.get(pod) ?? [];
    },
    of: (peer) =>
      (peer.of === "endpoints" ? labelledBy(peer.selector) : all).filter(({ endpoint }) =>
        matchesPeer(peer, endpoint, match),
      ),
    labelled: labelledBy,
    behind: (service) =>
      within(service.namespace).filter(({ endpoint }) => isBackend(service, endpoint)),
  };
}

/** The same for selectors that mean the same pods because they are written alike, wherever they stand. */
function selectorKey({ requirements }: Selector): string {
  return JSON.stringify(
    requirements.map(({ source, key, operator, values }) => [source, key, operator, values]),
  );
}

/** Whether the requirement names values of a label that stands on the pod itself. */
function asksForLabel({ source, key, operator }: Requirement): boolean {
  const derived = key.startsWith("io.cilium.") || key === POD_NAMESPACE;
  return operator === "In" && !derived && (source === "k8s" || source === "any");
}

function indexLabels(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const index = new Map<string, Pod[]>();
  for (const pod of pods)
    for (const [key, value] of Object.entries(pod.workload.labels)) {
      const label = `${key}=${value}`;
      const list = index.get(label);
      if (list) list.push(pod);
      else index.set(label, [pod]);
    }
  return index;
}

function policiesByPod(
  policies: readonly Policy[],
  selectedBy: PodIndex["selectedBy"],
): Map<Pod, Policy[]> {
  const byPod = new Map<Pod, Policy[]>();
  for (const policy of policies)
    for (const pod of selectedBy(policy)) {
      const list = byPod.get(pod);
      if (list) list.push(policy);
      else byPod.set(pod, [policy]);
    }
  return byPod;
}

/** A pod as evidence. */
export function podEvidence({ workload }: Pod, note?: string): Evidence {
  const { kind, namespace, name, place } = workload;
  return { kind, namespace, name, place, note };
}

function endpointOf(workload: Workload, namespaces: NamespaceIndex, cluster: string): Endpoint {
  const { namespace, name, labels, serviceAccount } = workload;
  return {
    kind: "pod",
    name: `${namespace}/${name}`,
    namespace,
    labels: parseLabels([
      ...Object.entries(labels).map(([key, value]) => `k8s:${key}=${value}`),
      ...Object.entries(namespaces.labels(namespace)).map(
        ([key, value]) => `k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`,
      ),
      `k8s:${POD_NAMESPACE}=${namespace}`,
      `k8s:${POLICY_CLUSTER}=${cluster}`,
      `k8s:${SERVICE_ACCOUNT}=${serviceAccount}`,
    ]),
    addresses: workload.addresses,
    ports: workload.ports,
    fqdns: [],
    hostNetwork: workload.hostNetwork,
    local: true,
  };
}
