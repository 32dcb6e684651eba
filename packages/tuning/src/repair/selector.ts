import {
  type Connection,
  type Endpoint,
  failingRequirements,
  type MatchContext,
  matchesPeer,
  matchesPeers,
  matchesPorts,
  NAMESPACE_LABEL_PREFIX,
  nearLabel,
  type PatchOperation,
  pathSteps,
  type Policy,
  type Requirement,
  type Rule,
  type Selector,
  selectsEndpoint,
  type SideExplanation,
} from "@dropscope/policy";
import { lasting } from "../suggest/labels.js";
import type { Values } from "./allow.js";
import { type Candidate, ORDER, policyText } from "./candidate.js";
import type { CountedEnd } from "./ends.js";
import { valueAt } from "./path.js";

/** A selector that is further away means somebody else. */
const MOST_FAILING = 2;
const NAME_LABEL = `${NAMESPACE_LABEL_PREFIX}kubernetes.io/metadata.name`;

export interface SelectorsAsked {
  readonly side: SideExplanation;
  readonly connection: Connection;
  /** Policies that may be meant: those of the end's namespace, and of the cluster. */
  readonly policies: readonly Policy[];
  readonly values: Values;
  readonly ends: readonly CountedEnd[];
  readonly context: MatchContext;
}

/**
 * Selectors that mean nobody in the cluster and miss an end of the connection by a label or two: a slip
 * of typing, a label that was renamed, a namespace by a label that it does not have.
 */
export function selectorCandidates(asked: SelectorsAsked): Candidate[] {
  return [...stalePeers(asked), ...staleSubjects(asked)];
}

function stalePeers({ side, values, ends, context }: SelectorsAsked): Candidate[] {
  const found: Candidate[] = [];
  if (side.peer.kind !== "pod" || side.peer.hostNetwork) return found;
  for (const { policy, rules, inert } of side.policies) {
    if (inert || policy.tier !== "normal") continue;
    for (const { rule, matches, portsMatch } of rules) {
      if (matches || !portsMatch || rule.action !== "allow" || rule.peers === "any") continue;
      for (const peer of rule.peers) {
        if (peer.of !== "endpoints") continue;
        const mended = mend(peer.selector, side.peer, values(policy));
        if (mended === undefined) continue;
        if (ends.some(({ endpoint }) => matchesPeer(peer, endpoint, context))) continue;
        found.push({
          kind: "fix-selector",
          policy,
          operations: mended.operations,
          title: `Name pods with ${mended.now} in ${side.peer.namespace} instead of ${mended.before} in ${peer.place.path}`,
          effect: "No pod has what stands there now.",
          order: mended.isSlip ? ORDER.slip : ORDER.otherLabel,
        });
      }
    }
  }
  return found;
}

/** Policies whose rules fit, and that select nobody. */
function staleSubjects(asked: SelectorsAsked): Candidate[] {
  const { side, connection, policies, values, ends, context } = asked;
  const { endpoint, direction, peer } = side;
  const found: Candidate[] = [];
  if (endpoint.kind !== "pod" || endpoint.hostNetwork) return found;
  const fits = (rule: Rule): boolean =>
    rule.direction === direction &&
    rule.action === "allow" &&
    matchesPeers(rule, peer, context) &&
    matchesPorts(rule, connection.protocol, connection.port, connection.to);
  for (const policy of policies) {
    const { subject, tier, namespace } = policy;
    if (tier !== "normal" || subject.of !== "pods" || !policy.isolates[direction]) continue;
    if (namespace !== "" && namespace !== endpoint.namespace) continue;
    if (!policy.rules.some(fits)) continue;
    const mended = mend(subject.selector, endpoint, values(policy));
    if (mended === undefined) continue;
    if (ends.some((end) => selectsEndpoint(policy, end.endpoint, context))) continue;
    found.push({
      kind: "fix-selector",
      policy,
      operations: mended.operations,
      title: `Let ${policyText(policy)} select pods with ${mended.now} instead of ${mended.before}`,
      effect: "It selects no pod now.",
      order: mended.isSlip ? ORDER.slip : ORDER.otherLabel,
    });
  }
  return found;
}

interface Mended {
  readonly operations: readonly PatchOperation[];
  readonly isSlip: boolean;
  /** `app=chekout` */
  readonly before: string;
  readonly now: string;
}

/** The selector as it would have to be to match the end; undefined where that is more than a slip or two. */
function mend(selector: Selector, end: Endpoint, value: unknown): Mended | undefined {
  const failing = failingRequirements(selector, end.labels);
  if (failing.length === 0 || failing.length > MOST_FAILING || value === undefined)
    return undefined;
  const mended = failing.map((requirement) => mendOne(requirement, end, value));
  const all = mended.filter((one) => one !== undefined);
  if (all.length < mended.length) return undefined;
  return {
    operations: all.flatMap(({ operations }) => operations),
    isSlip: all.every(({ isSlip }) => isSlip),
    before: all.map(({ before }) => before).join(", "),
    now: all.map(({ now }) => now).join(", "),
  };
}

function mendOne(requirement: Requirement, end: Endpoint, value: unknown): Mended | undefined {
  const { key, operator, values, place } = requirement;
  const [wanted] = values;
  if (operator !== "In" || place === undefined || wanted === undefined) return undefined;
  const path = pathSteps(place.path);
  const near = nearestLabel(requirement, end);
  if (near === undefined) return undefined;
  const isSlip = near.by !== "value";
  const before = `${bare(key)}=${values.join("|")}`;
  const now = `${bare(near.key)}=${near.value}`;
  const told = { isSlip, before, now };
  if (path.at(-2) !== "matchLabels") {
    const list = valueAt(value, [...path, "values"]);
    if (near.key !== key || !Array.isArray(list)) return undefined;
    return {
      ...told,
      operations: [
        list.length === 1
          ? { op: "replace", path: [...path, "values"], value: [near.value] }
          : { op: "add", path: [...path, "values", "-"], value: near.value },
      ],
    };
  }
  if (near.key === key)
    return { ...told, operations: [{ op: "replace", path, value: near.value }] };
  const written = renamed(String(path.at(-1)), key, near.key);
  if (written === undefined) return undefined;
  const there = [...path.slice(0, -1), written];
  return {
    ...told,
    operations: [
      { op: "move", from: path, path: there },
      ...(near.value === wanted
        ? []
        : [{ op: "replace" as const, path: there, value: near.value }]),
    ],
  };
}

/** The label of the end that was meant: one that a selector should name. */
function nearestLabel(
  requirement: Requirement,
  end: Endpoint,
): { key: string; value: string; by: "value" | "typo" | "same-value" } | undefined {
  const { key, values } = requirement;
  const near = nearLabel(requirement, end.labels);
  if (near !== undefined) {
    const isOwn = !near.key.startsWith("io.");
    if (isOwn && Object.keys(lasting({ [near.key]: near.value })).length === 0) return undefined;
    return near;
  }
  // Namespaces have their name under this label and no other, unless somebody gave them one.
  if (key.startsWith(NAMESPACE_LABEL_PREFIX) && values.includes(end.namespace))
    return { key: NAME_LABEL, value: end.namespace, by: "same-value" };
  return undefined;
}

/** The key as it is written, with its source and prefix, for another label; undefined where it is not known how. */
function renamed(written: string, from: string, to: string): string | undefined {
  if (written.endsWith(from)) return written.slice(0, written.length - from.length) + to;
  return written === bare(from) ? bare(to) : undefined;
}

/** Labels of a namespace as people write them. */
function bare(key: string): string {
  return key.startsWith(NAMESPACE_LABEL_PREFIX) ? key.slice(NAMESPACE_LABEL_PREFIX.length) : key;
}
