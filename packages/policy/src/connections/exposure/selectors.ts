import type { SourceObject } from "../../objects.js";
import type { Peer, Policy, Rule } from "../../policy.js";
import {
  NAMESPACE_LABEL_PREFIX,
  POD_NAMESPACE,
  POLICY_CLUSTER,
  type Requirement,
} from "../../selector.js";
import { pathSteps } from "../../source/path.js";
import { NAME_LABEL } from "../ends.js";
import { compareText } from "../text.js";

/** A condition on labels as somebody wrote it. */
export interface Condition {
  /** Equal texts mean the same, however they are written. */
  readonly meaning: string;
  readonly requirement: Requirement;
  /** `app=web`, or `{Key:app,Operator:In,Values:[b a],}` with the values in written order. */
  readonly text: string;
  /** Written as a label rather than as an expression. */
  readonly plain: boolean;
}

/** Whom an entry of `from` or `to` is about: pods by their labels, in namespaces by theirs. Empty: all of them. */
export interface PeerConditions {
  readonly namespaces: readonly Condition[];
  readonly pods: readonly Condition[];
}

/** Takes the selector of a peer apart; undefined for peers that are no pods. */
export function conditionsOf(
  peer: Peer,
  source: SourceObject | undefined,
): PeerConditions | undefined {
  if (peer.of === "entity")
    return peer.entity === "all" || peer.entity === "cluster"
      ? { namespaces: [], pods: [] }
      : undefined;
  if (peer.of !== "endpoints") return undefined;
  const namespaces: Condition[] = [];
  const pods: Condition[] = [];
  for (const requirement of peer.selector.requirements) {
    const { key, operator, place } = requirement;
    if (key === POLICY_CLUSTER && place === undefined) continue;
    if (key === POD_NAMESPACE) {
      // Every pod has a namespace: the requirement only keeps nodes and the world out.
      if (operator === "Exists") continue;
      namespaces.push(condition({ ...requirement, key: NAME_LABEL }, source));
    } else if (key.startsWith(NAMESPACE_LABEL_PREFIX)) {
      const bare = key.slice(NAMESPACE_LABEL_PREFIX.length);
      namespaces.push(condition({ ...requirement, key: bare }, source));
    } else pods.push(condition(requirement, source));
  }
  return { namespaces, pods };
}

export function isEntireCluster({ namespaces, pods }: PeerConditions): boolean {
  return namespaces.length === 0 && pods.length === 0;
}

/** Equal for conditions that mean the same, in whatever order they are written. */
export function meaningOf(conditions: readonly Condition[]): string {
  return conditions
    .map(({ meaning }) => meaning)
    .toSorted()
    .join();
}

/** Labels first, by key; then expressions, by their text. */
export function conditionsText(conditions: readonly Condition[]): string {
  const labels = conditions
    .filter(({ plain }) => plain)
    .toSorted((a, b) => compareText(a.requirement.key, b.requirement.key));
  const expressions = conditions
    .filter(({ plain }) => !plain)
    .toSorted((a, b) => compareText(a.text, b.text));
  return [...labels, ...expressions].map(({ text }) => text).join(",");
}

/** The conditions of every rule's peers, worked out once. */
export interface RuleConditions {
  of(rule: Rule): readonly PeerConditions[];
}

export function createRuleConditions(
  policies: readonly Policy[],
  sources: readonly SourceObject[],
): RuleConditions {
  const byName = new Map(
    sources.map((source) => [`${source.kind}/${source.namespace}/${source.name}`, source]),
  );
  const known = new Map<Rule, PeerConditions[]>();
  for (const { kind, namespace, name, rules } of policies) {
    const source = byName.get(`${kind}/${namespace}/${name}`);
    for (const rule of rules) {
      const peers = rule.peers === "any" ? [] : rule.peers;
      known.set(
        rule,
        peers.flatMap((peer) => conditionsOf(peer, source) ?? []),
      );
    }
  }
  return { of: (rule) => known.get(rule) ?? [] };
}

function condition(requirement: Requirement, source: SourceObject | undefined): Condition {
  const { key, operator, values, place } = requirement;
  const named =
    requirement.source === "k8s" || requirement.source === "any"
      ? key
      : `${requirement.source}:${key}`;
  const expression = place !== undefined && /\.matchExpressions\[\d+\]$/.test(place.path);
  const written = expression ? (writtenValues(source, place.path) ?? values) : values;
  return {
    meaning: JSON.stringify([requirement.source, key, operator, values]),
    requirement,
    plain: !expression,
    text: expression
      ? `{Key:${named},Operator:${operator},Values:[${written.join(" ")}],}`
      : `${named}=${values.join(" ")}`,
  };
}

/** The values of an expression in the order in which they are written. */
function writtenValues(source: SourceObject | undefined, path: string): string[] | undefined {
  let value: unknown = source?.value;
  for (const step of [...pathSteps(path), "values"])
    value =
      typeof value === "object" && value !== null
        ? (value as Record<string, unknown>)[step]
        : undefined;
  return Array.isArray(value) ? value.map(String) : undefined;
}
