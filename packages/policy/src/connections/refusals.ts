import type { Manifests, ManifestProblem } from "../objects.js";
import type { Place } from "../place.js";
import type { Peer, Policy } from "../policy.js";
import { holds } from "../match/selector.js";
import type { Profile } from "../profile.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  type Requirement,
  type Selector,
} from "../selector.js";
import { createWorld } from "../world/world.js";
import type { WorldWorkload } from "../world/workloads.js";
import { policyName } from "./list.js";

const JUDGED_KINDS: ReadonlySet<string> = new Set([
  "Namespace",
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
]);

/**
 * Why a connection list of these manifests would mislead: policies or namespaces that
 * were refused, policies whose order is not defined, named ports of addresses, and
 * replicas that policies tell apart. Empty when a list can be made.
 */
export function connectionRefusals(manifests: Manifests, profile: Profile): ManifestProblem[] {
  return [
    ...manifests.problems.filter(
      ({ severity, object }) => severity === "error" && JUDGED_KINDS.has(object?.kind ?? ""),
    ),
    ...samePriority(manifests.policies),
    ...namedPortsOfAddresses(manifests.policies),
    ...unlikeReplicas(manifests, profile),
  ];
}

/** Of two policies of one tier with the same priority, nobody says which comes first. */
function samePriority(policies: readonly Policy[]): ManifestProblem[] {
  const first = new Map<string, Policy>();
  return policies.flatMap((policy) => {
    if (policy.kind !== "AdminNetworkPolicy") return [];
    const other = first.get(String(policy.priority));
    if (other === undefined) {
      first.set(String(policy.priority), policy);
      return [];
    }
    return [
      refusal(
        policy,
        "BAD_PRIORITY",
        `has priority ${policy.priority}, as ${other.name} has: which comes first is not defined`,
        "Give one of the two another priority.",
      ),
    ];
  });
}

function namedPortsOfAddresses(policies: readonly Policy[]): ManifestProblem[] {
  return policies
    .filter(({ kind }) => kind === "NetworkPolicy")
    .flatMap((policy) =>
      policy.rules
        .filter(
          ({ direction, peers, ports }) =>
            direction === "egress" &&
            peers !== "any" &&
            peers.some(({ of }) => of === "cidr") &&
            ports !== "any" &&
            ports.some(({ of }) => of === "name"),
        )
        .map((rule) =>
          refusal(
            policy,
            "BAD_PORT",
            "names a port for addresses, which have no named ports",
            "Write the port's number.",
            rule.place,
          ),
        ),
    );
}

/** Replicas stand in a list as one: they must not be told apart. */
function unlikeReplicas(manifests: Manifests, profile: Profile): ManifestProblem[] {
  const conditions = manifests.policies.flatMap((policy) =>
    selectorsOf(policy).map((selector) => ({ policy, selector })),
  );
  const world = createWorld(manifests, profile, { hostNetworkPods: "pods" });
  return world.workloads.flatMap((workload) => {
    for (const { policy, selector } of conditions) {
      const key = tellsApart(selector, workload);
      if (key === undefined) continue;
      const title = `${workload.namespace}/${workload.name}`;
      return [
        refusal(
          policy,
          "BAD_SELECTOR",
          `tells pods of ${title} apart by their label ${key}, so that they are no replicas of each other`,
          "Give the pods of one owner the same labels, or select them by a label that they share.",
        ),
      ];
    }
    return [];
  });
}

function selectorsOf({ subject, rules }: Policy): Selector[] {
  const peers = rules.flatMap((rule) => (rule.peers === "any" ? [] : rule.peers));
  const ofPods = peers.filter(
    (peer): peer is Extract<Peer, { of: "endpoints" }> => peer.of === "endpoints",
  );
  return [
    ...(subject.of === "pods" ? [subject.selector] : []),
    ...ofPods.map(({ selector }) => selector),
  ];
}

/** The label whose values differ among the pods such that only some of them meet the selector's requirement. */
function tellsApart({ requirements }: Selector, { pods }: WorldWorkload): string | undefined {
  const [first, ...others] = pods;
  if (first === undefined || others.length === 0) return undefined;
  const surroundings = requirements.filter(isOfNamespace);
  if (!surroundings.every((requirement) => holds(requirement, first.labels))) return undefined;
  return requirements.find(
    (requirement) =>
      !isOfNamespace(requirement) &&
      // Whether a label is there at all is no question of its values: the first pod speaks for all.
      requirement.values.length > 0 &&
      others.some(({ labels }) => holds(requirement, labels) !== holds(requirement, first.labels)),
  )?.key;
}

function isOfNamespace({ key }: Requirement): boolean {
  return key === POD_NAMESPACE || key.startsWith(NAMESPACE_LABEL_PREFIX);
}

function refusal(
  policy: Policy,
  code: ManifestProblem["code"],
  what: string,
  fix: string,
  place: Place = policy.place,
): ManifestProblem {
  const { kind, namespace, name } = policy;
  return {
    code,
    severity: "error",
    message: `${kind} ${policyName(policy)} ${what}`,
    fix,
    place,
    object: { kind, namespace, name },
  };
}
