import type { MatchContext } from "../match/context.js";
import type { Manifests } from "../objects.js";
import type { Peer, Policy } from "../policy.js";
import type { Profile } from "../profile.js";
import { type ConnectionSet, intersect, isNothing, sameConnections } from "./connection-set.js";
import { createWorld, type World } from "../world/world.js";
import {
  type End,
  ingressControllerEnd,
  rangeEnd,
  type WorkloadEnd,
  workloadEnds,
} from "./ends.js";
import { type Focus, inFocus, narrowed, NO_FOCUS, pairInFocus } from "./focus.js";
import { createJudge, type Judge } from "./judge.js";
import { mergeRanges } from "./merge.js";
import { type Published, publishedWorkloads } from "./publish.js";
import { addressRanges } from "./ranges.js";

/** A line of a connection list: everything that one end may send to the other. */
export interface ListedConnection {
  readonly from: End;
  readonly to: End;
  readonly set: ConnectionSet;
}

export interface ConnectionList {
  /** Sorted by source, then destination; ranges as wide as they say the same. Pairs that may not talk at all are left out. */
  readonly connections: readonly ListedConnection[];
  /** Every workload, with and without connections. */
  readonly workloads: readonly WorkloadEnd[];
  /** What an answer leaves out and why; one sentence each, without repeats. */
  readonly warnings: readonly string[];
}

export interface ConnectionOptions {
  readonly profile: Profile;
  /** Pods of the host network are `pods` like any other, as netpol-analyzer has it, or parts of their `nodes` (the default). */
  readonly hostNetworkPods?: "nodes" | "pods";
  readonly focus?: Focus;
}

/** The ends of a set of manifests and the judge over them, which every analysis starts from. */
export interface Analysis {
  readonly manifests: Manifests;
  readonly world: World;
  readonly workloads: readonly WorkloadEnd[];
  /** External addresses, as far as rules of ingress tell them apart. */
  readonly sources: readonly End[];
  /** The same for rules of egress. */
  readonly destinations: readonly End[];
  readonly controller: End;
  readonly published: readonly Published[];
  readonly judge: Judge;
  readonly context: MatchContext;
  readonly warnings: Set<string>;
}

export function analyse(
  manifests: Manifests,
  { profile, hostNetworkPods = "nodes" }: ConnectionOptions,
): Analysis {
  // CIDRs mean what is outside the cluster here: pods are listed by their names, not by addresses.
  const world = createWorld(manifests, { ...profile, cidrMatchesPods: false }, { hostNetworkPods });
  const { context } = world;
  const workloads = workloadEnds(world, hostNetworkPods === "pods");
  const warnings = new Set(leftOut(manifests.policies));
  if (hostNetworkPods === "pods")
    for (const { text, workload } of workloads)
      if (workload.sources.some(({ hostNetwork }) => hostNetwork))
        warnings.add(`${text} is in the host network, and is listed as if policies applied to it.`);
  const names = new Map(workloads.map(({ endpoint, text }) => [endpoint, text]));
  const judge = createJudge(manifests.policies, context, (policy, _rule, name, destination) => {
    const workload = names.get(destination);
    if (workload !== undefined)
      warnings.add(
        `${policy.kind} ${policyName(policy)} asks for the port named ${name}, which ${workload} does not have.`,
      );
  });
  const ends = (direction: "ingress" | "egress"): End[] =>
    addressRanges(manifests.policies, direction, context).map(rangeEnd);
  return {
    manifests,
    world,
    workloads,
    sources: ends("ingress"),
    destinations: ends("egress"),
    controller: ingressControllerEnd(profile.cluster),
    published: publishedWorkloads(manifests, workloads, (text) => warnings.add(text)),
    judge,
    context,
    warnings,
  };
}

/** Every pair of workloads, and of workloads and outside addresses, that may talk, and how. */
export function connectionList(manifests: Manifests, options: ConnectionOptions): ConnectionList {
  return listOf(analyse(manifests, options), options.focus ?? NO_FOCUS);
}

export function listOf(analysis: Analysis, focus: Focus): ConnectionList {
  const { workloads, warnings } = analysis;
  for (const name of [...focus.workloads, ...focus.peers])
    if (![...workloads, analysis.controller].some((end) => inFocus([name], end)))
      warnings.add(`There is no workload named ${name}.`);
  const connections: ListedConnection[] = [];
  for (const [from, to] of pairs(analysis))
    if (pairInFocus(focus, from, to)) {
      const set = narrowed(focus, analysis.judge.between(from.endpoint, to.endpoint));
      if (!isNothing(set)) connections.push({ from, to, set });
    }
  connections.push(...publishedConnections(analysis, focus));
  const merged = mergeRanges(connections, (a, b) => sameConnections(a.set, b.set));
  return { connections: merged, workloads, warnings: [...warnings] };
}

/** Pairs that a list is about: never a workload with itself, never two ranges of addresses. */
export function* pairs({ workloads, sources, destinations }: Analysis): Generator<[End, End]> {
  for (const from of [...sources, ...workloads])
    for (const to of [...destinations, ...workloads])
      if (from !== to && (from.of === "workload" || to.of === "workload")) yield [from, to];
}

function publishedConnections(analysis: Analysis, focus: Focus): ListedConnection[] {
  const { controller, judge, published, warnings } = analysis;
  const connections: ListedConnection[] = [];
  for (const { end, reached, by } of published) {
    if (!pairInFocus(focus, controller, end)) continue;
    const set = intersect(reached, judge.between(controller.endpoint, end.endpoint));
    if (isNothing(set)) {
      const { kind, namespace, name } = (by[0] as (typeof by)[number]).publication;
      warnings.add(
        isNothing(reached)
          ? `${kind} ${namespace}/${name} publishes no port that ${end.text} declares.`
          : `${kind} ${namespace}/${name} publishes ${end.text}, but policies let no unknown pod of the cluster reach it.`,
      );
    }
    const asked = narrowed(focus, set);
    if (!isNothing(asked)) connections.push({ from: controller, to: end, set: asked });
  }
  return connections;
}

/** Peers that are neither workloads nor IPv4 addresses: what rules say about them is in no list. */
const UNLISTED: Readonly<Partial<Record<Peer["of"], string>>> = {
  fqdn: "DNS names",
  nodes: "nodes",
  unknown: "peers that cannot be resolved",
};

function leftOut(policies: readonly Policy[]): string[] {
  return policies.flatMap((policy) => {
    const peers = policy.rules.flatMap((rule) => (rule.peers === "any" ? [] : rule.peers));
    const kinds = new Set(peers.flatMap(({ of }) => UNLISTED[of] ?? []));
    return [...kinds].map(
      (what) =>
        `${policy.kind} ${policyName(policy)} speaks of ${what}, which are not in the list.`,
    );
  });
}

export function policyName({ namespace, name }: { namespace: string; name: string }): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
