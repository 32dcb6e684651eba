import { isLocalEndpoint } from "../../match/subject.js";
import type { Manifests } from "../../objects.js";
import type { Direction, Rule } from "../../policy.js";
import {
  type ConnectionSet,
  EVERYTHING,
  isNothing,
  NOTHING,
  sameConnections,
  unite,
} from "../connection-set.js";
import type { WorkloadEnd } from "../ends.js";
import { type Focus, inFocus, narrowed, NO_FOCUS } from "../focus.js";
import {
  analyse,
  type Analysis,
  type ConnectionList,
  type ConnectionOptions,
  type ListedConnection,
  listOf,
} from "../list.js";
import { allowedBySide, rulePorts, type Side } from "../side.js";
import { compareText } from "../text.js";
import { coversRepresentative, type Representative, representatives } from "./representatives.js";
import { createRuleConditions, isEntireCluster, type RuleConditions } from "./selectors.js";

/** What a workload may exchange with somebody who is perhaps not there yet. */
export interface ExposedTo {
  readonly workload: WorkloadEnd;
  /** `entire-cluster`, `0.0.0.0-255.255.255.255[External]` or a representative's text. */
  readonly peer: string;
  readonly set: ConnectionSet;
}

export interface Exposure {
  readonly list: ConnectionList;
  /** Both sorted by workload, then peer. */
  readonly egress: readonly ExposedTo[];
  readonly ingress: readonly ExposedTo[];
  /** Workloads that no policy selects in a direction. */
  readonly unprotected: readonly {
    readonly workload: WorkloadEnd;
    readonly direction: Direction;
  }[];
}

const ENTIRE_CLUSTER = "entire-cluster";

/**
 * The connection list, and to whom each workload is open besides the workloads of the
 * manifests: the whole cluster, addresses outside, and pods that only a rule's selector
 * describes. A representative is told of where it may do other things than the rest of
 * the cluster.
 */
export function exposure(manifests: Manifests, options: ConnectionOptions): Exposure {
  const analysis = analyse(manifests, options);
  const focus = options.focus ?? NO_FOCUS;
  const list = listOf(analysis, focus);
  const rules = createRuleConditions(manifests.policies, manifests.sources);
  const strangers = representatives(manifests.policies, rules, analysis.workloads);
  const found = { egress: [] as ExposedTo[], ingress: [] as ExposedTo[] };
  const unprotected: Exposure["unprotected"][number][] = [];
  const exposed = new Set<WorkloadEnd>();
  for (const workload of analysis.workloads) {
    if (!inFocus(focus.workloads, workload)) continue;
    for (const direction of directionsOf(focus)) {
      const { open, items } = exposedTo(analysis, rules, strangers, workload, direction, focus);
      if (open) unprotected.push({ workload, direction });
      if (open || items.length > 0) exposed.add(workload);
      found[direction].push(...items);
    }
  }
  for (const connection of list.connections) addOutside(connection, exposed, found);
  return {
    list,
    egress: found.egress.sort(byWorkload),
    ingress: found.ingress.sort(byWorkload),
    unprotected,
  };
}

function directionsOf({ direction }: Focus): readonly Direction[] {
  return direction === undefined ? ["egress", "ingress"] : [direction];
}

function exposedTo(
  analysis: Analysis,
  rules: RuleConditions,
  strangers: readonly Representative[],
  workload: WorkloadEnd,
  direction: Direction,
  focus: Focus,
): { readonly open: boolean; readonly items: ExposedTo[] } {
  const side = (means: (rule: Rule) => boolean): Side =>
    sideOf(analysis, workload, direction, means);
  const anybody = side((rule) => rule.peers === "any" || rules.of(rule).some(isEntireCluster));
  if (anybody.policies.length === 0) {
    const set = narrowed(focus, EVERYTHING);
    return { open: true, items: [{ workload, peer: ENTIRE_CLUSTER, set }] };
  }
  const cluster = narrowed(focus, allowedBySide(anybody));
  const items: ExposedTo[] = [];
  const shown = direction === "ingress" ? withUnmatchedNames(anybody, workload, focus) : cluster;
  if (!isNothing(shown)) items.push({ workload, peer: ENTIRE_CLUSTER, set: shown });
  for (const stranger of strangers) {
    const covered = side(
      (rule) =>
        rule.peers === "any" || rules.of(rule).some((peer) => coversRepresentative(peer, stranger)),
    );
    const set = narrowed(focus, allowedBySide(covered));
    if (!sameConnections(set, cluster)) items.push({ workload, peer: stranger.text, set });
  }
  return { open: false, items };
}

/** Ports by name that the workload lacks are told by their names: the next version of it may have them. */
function withUnmatchedNames(side: Side, { endpoint }: WorkloadEnd, focus: Focus): ConnectionSet {
  const portsOf = (rule: Rule): ConnectionSet => {
    const unmatched: string[] = [];
    const found = rulePorts(rule, endpoint, (name) => unmatched.push(name));
    if (unmatched.length === 0) return found;
    const byName = rulePorts(rule, undefined).names;
    const names = byName.filter((text) => unmatched.includes(text.slice(text.indexOf(" ") + 1)));
    return unite(found, { ...NOTHING, names });
  };
  return narrowed(focus, allowedBySide({ ...side, portsOf }));
}

function sideOf(
  { judge, context }: Analysis,
  { endpoint }: WorkloadEnd,
  direction: Direction,
  means: (rule: Rule) => boolean,
): Side {
  return {
    direction,
    policies: isLocalEndpoint(endpoint, context) ? judge.selecting(direction, endpoint) : [],
    actionOf: (rule) => (means(rule) ? rule.action : undefined),
    // Nothing is known of a stranger's ports: those that egress names stay names.
    portsOf: (rule) => rulePorts(rule, direction === "ingress" ? endpoint : undefined),
    fromOwnNode: false,
    context,
  };
}

/** Addresses outside the cluster, for workloads that are exposed at all. */
function addOutside(
  { from, to, set }: ListedConnection,
  exposed: ReadonlySet<WorkloadEnd>,
  found: Record<Direction, ExposedTo[]>,
): void {
  if (from.of === "range" && to.of === "workload" && exposed.has(to))
    found.ingress.push({ workload: to, peer: from.text, set });
  if (to.of === "range" && from.of === "workload" && exposed.has(from))
    found.egress.push({ workload: from, peer: to.text, set });
}

function byWorkload(a: ExposedTo, b: ExposedTo): number {
  return compareText(a.workload.text, b.workload.text) || compareText(a.peer, b.peer);
}
