import type { ObservedEdge, PolicyName } from "@dropscope/model";
import type { Connection, Direction, Policy, Rule, RuleRef } from "@dropscope/policy";
import { policyKey, type SideUse } from "./judge.js";
import type { Steps } from "./steps.js";

/** A connection that used a rule. */
export interface Carried {
  readonly edge: ObservedEdge;
  readonly connection: Connection;
  readonly flows: number;
}

/** What used one rule; grows as edges are added. */
export interface Hits {
  readonly ref: RuleRef;
  /** `hubble`: flows of which the data path named the policy; `evaluated`: those of which it named none. */
  hubble: number;
  evaluated: number;
  edges: number;
  /** ns since 1970; 0 when nothing used it. */
  firstNs: bigint;
  lastNs: bigint;
  readonly trend: number[];
  /** Edges whose peer and port it matches, though others may decide them. */
  matched: number;
  /** Edges that it may match: to addresses whose names are not known. */
  uncertain: number;
  /** Rules that decided instead where it only matched, and for how many edges. */
  readonly outdone: Map<string, { readonly ref: RuleRef; edges: number }>;
  /** Those that used it, as many as are kept. */
  readonly carried: Carried[];
}

/** Beyond, what a rule carried is no longer listed: a narrower one would be no improvement. */
const MOST_CARRIED = 2_000;

/** Who used which rule. */
export interface HitBook {
  add(edge: ObservedEdge, connection: Connection, side: SideUse): void;
  of(policy: Policy, rule: Rule): Hits;
  /** Edges of which the policy's pods were the end that the direction is about. */
  seen(policy: Policy, direction: Direction): number;
}

export function createHitBook(steps: Steps): HitBook {
  const book = new Map<string, Hits>();
  const seen = new Map<string, number>();

  const hitsOf = (ref: RuleRef): Hits => {
    const key = ruleKey(ref);
    let hits = book.get(key);
    if (hits === undefined) {
      hits = {
        ref,
        hubble: 0,
        evaluated: 0,
        edges: 0,
        firstNs: 0n,
        lastNs: 0n,
        trend: Array.from({ length: steps.count }, () => 0),
        matched: 0,
        uncertain: 0,
        outdone: new Map(),
        carried: [],
      };
      book.set(key, hits);
    }
    return hits;
  };

  return {
    add(edge, connection, side) {
      for (const policy of side.selecting) {
        const key = `${side.direction} ${policyKey(policy)}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
      const credits = creditsOf(edge, side);
      for (const { ref, hubble, evaluated } of credits.values()) {
        const flows = hubble + evaluated;
        if (flows === 0) continue;
        const hits = hitsOf(ref);
        hits.hubble += hubble;
        hits.evaluated += evaluated;
        hits.edges++;
        if (hits.firstNs === 0n || edge.firstNs < hits.firstNs) hits.firstNs = edge.firstNs;
        if (edge.lastNs > hits.lastNs) hits.lastNs = edge.lastNs;
        steps.add(hits.trend, edge.hours, edge.hourFlows, flows / edge.flows);
        if (hits.carried.length < MOST_CARRIED) hits.carried.push({ edge, connection, flows });
      }
      for (const ref of side.uncertain) hitsOf(ref).uncertain++;
      const deciding = new Set(side.deciding.map(ruleKey));
      for (const ref of side.matching) {
        const hits = hitsOf(ref);
        hits.matched++;
        if (deciding.has(ruleKey(ref)) || credits.has(ruleKey(ref))) continue;
        for (const other of side.deciding) {
          const key = ruleKey(other);
          const known = hits.outdone.get(key);
          if (known === undefined) hits.outdone.set(key, { ref: other, edges: 1 });
          else known.edges++;
        }
      }
    },
    of: (policy, rule) => hitsOf({ policy, rule }),
    seen: (policy, direction) => seen.get(`${direction} ${policyKey(policy)}`) ?? 0,
  };
}

interface Credit {
  readonly ref: RuleRef;
  hubble: number;
  evaluated: number;
}

/**
 * Of flows of which the data path named policies, these alone count: their rules that decide, else
 * those that match, else the only one there is. Of all others the rules that decide by our evaluation.
 * What passed counts for rules that allow, what did not for rules that deny.
 */
function creditsOf(edge: ObservedEdge, side: SideUse): ReadonlyMap<string, Credit> {
  const action = edge.outcome === "forwarded" ? "allow" : "deny";
  const isWanted = ({ rule }: RuleRef): boolean => rule.action === action;
  const named = edge.named.filter(
    (one) => one.direction === side.direction && one.action === action,
  );
  // A flow counts once for each policy that was named for it: how many flows were named at all is at least this.
  const covered = Math.min(edge.flows, Math.max(0, ...named.map(({ flows }) => flows)));
  const credits = new Map<string, Credit>();
  const creditOf = (ref: RuleRef): Credit => {
    const key = ruleKey(ref);
    const credit = credits.get(key) ?? { ref, hubble: 0, evaluated: 0 };
    credits.set(key, credit);
    return credit;
  };
  for (const { policy, flows } of named)
    for (const ref of rulesMeant(policy, side, isWanted))
      creditOf(ref).hubble += Math.min(flows, covered);
  for (const ref of side.deciding.filter(isWanted)) creditOf(ref).evaluated += edge.flows - covered;
  return credits;
}

function rulesMeant(
  { kind, namespace, name }: PolicyName,
  { deciding, matching, selecting, direction }: SideUse,
  isWanted: (ref: RuleRef) => boolean,
): readonly RuleRef[] {
  const isTheirs = (ref: RuleRef): boolean =>
    // Older senders tell no kind.
    (kind === "" || kind === ref.policy.kind) &&
    namespace === ref.policy.namespace &&
    name === ref.policy.name &&
    isWanted(ref);
  for (const refs of [deciding, matching]) {
    const found = refs.filter(isTheirs);
    if (found.length > 0) return found;
  }
  const all = selecting
    .flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })))
    .filter((ref) => ref.rule.direction === direction && isTheirs(ref));
  return all.length === 1 ? all : [];
}

/** A rule that the data plane derives from a written one counts as that one. */
export function ruleKey({ policy, rule }: RuleRef): string {
  return `${policyKey(policy)}/${policy.specIndex}/${rule.section}/${rule.index}`;
}
