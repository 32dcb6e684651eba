import {
  type CatalogView,
  type Connection,
  type DecisionExplanation,
  type Direction,
  decide,
  type Endpoint,
  explainDecision,
  type MatchContext,
  matchContext,
  type Policy,
  type Profile,
  selectsEndpoint,
} from "@dropscope/policy";
import type { History } from "./catalog.js";

/** The cluster at one moment, with its policies sorted by namespace: a cluster has thousands, an end meets a few. */
export interface Moment {
  readonly time: number;
  readonly view: CatalogView;
  readonly profile: Profile;
  /** How many policies there are at all. */
  readonly count: number;
  /** Policies that may select an end of one of the namespaces: theirs, and clusterwide ones. */
  policiesOf(...namespaces: readonly string[]): readonly Policy[];
  /** Policies that select the endpoint and say something about the direction, in a stable order. */
  selecting(endpoint: Endpoint, direction: Direction): readonly Policy[];
  /** Judges and accounts for a connection. `audit` never softens it: what would be denied is told. */
  explain(connection: Connection): DecisionExplanation;
  context(subject: Endpoint): MatchContext;
}

export function momentAt(history: History, time: number, profile: Profile): Moment {
  const view = history.at(time);
  const byNamespace = new Map<string, Policy[]>();
  const all = view.policies();
  for (const policy of all) {
    const known = byNamespace.get(policy.namespace);
    if (known === undefined) byNamespace.set(policy.namespace, [policy]);
    else known.push(policy);
  }
  let objects: MatchContext | undefined;
  const contextOf = (hostFirewall: boolean): MatchContext => {
    objects ??= view.context();
    const { cidrGroups, services } = objects;
    return matchContext(
      { ...profile, audit: false, hostFirewall: hostFirewall || profile.hostFirewall },
      { cidrGroups, services },
    );
  };
  let pods: MatchContext | undefined;
  let hosts: MatchContext | undefined;
  // A policy drop at a node itself says that the host firewall is on.
  const context = (subject: Endpoint): MatchContext =>
    subject.kind === "host" ? (hosts ??= contextOf(true)) : (pods ??= contextOf(false));
  const policiesOf = (...namespaces: readonly string[]): readonly Policy[] => {
    const names = new Set(["", ...namespaces]);
    return [...names].flatMap((name) => byNamespace.get(name) ?? []);
  };
  // Drops come in thousands from a few workloads: who selects them is found once.
  const kept = new Map<string, readonly Policy[]>();
  const selecting = (endpoint: Endpoint, direction: Direction): readonly Policy[] => {
    const { kind, namespace, labels, local, hostNetwork } = endpoint;
    const key = [direction, kind, namespace, local, hostNetwork, ...labels.texts].join("\n");
    let found = kept.get(key);
    if (found === undefined) {
      const at = context(endpoint);
      found = policiesOf(namespace).filter(
        (policy) => mentions(policy, direction) && selectsEndpoint(policy, endpoint, at),
      );
      if (kept.size >= MAX_SUBJECTS) kept.clear();
      kept.set(key, found);
    }
    return found;
  };
  return {
    time,
    view,
    profile,
    count: all.length,
    policiesOf,
    context,
    selecting,
    explain: (connection) => {
      const { from, to } = connection;
      const at = context(from.kind === "host" ? from : to);
      const sides = { egress: selecting(from, "egress"), ingress: selecting(to, "ingress") };
      const both = [...new Set([...sides.egress, ...sides.ingress])];
      return explainDecision(connection, decide(connection, both, at), sides, at);
    },
  };
}

/** Subjects whose policies are remembered, at most. */
const MAX_SUBJECTS = 4096;

/** Whether the policy says something about the direction of the ends that it selects. */
export function mentions(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || policy.rules.some((rule) => rule.direction === direction);
}
