import type { SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import { concerns, rulesIn } from "../match/rules.js";
import { isLocalEndpoint, selectsEndpoint } from "../match/subject.js";
import type { Direction, Policy, Tier } from "../policy.js";
import { matchingEntries, type Entry } from "./entry.js";
import { decideLevel } from "./level.js";

/** How policies are enforced at one end, in one direction. */
export interface Enforcement {
  /** Policies that select the end and say something about the direction. */
  readonly policies: readonly Policy[];
  readonly enforced: boolean;
  /** Whether what nothing allows is denied. */
  readonly defaultDeny: boolean;
  /** Whether a rule of the direction passes on to the next tier, matching or not. */
  readonly passes: boolean;
}

export function enforcementOf(
  endpoint: Endpoint,
  direction: Direction,
  policies: readonly Policy[],
  context: MatchContext,
): Enforcement {
  const mode = context.profile.enforcement;
  const selecting =
    mode === "never"
      ? []
      : policies.filter(
          (policy) => concerns(policy, direction) && selectsEndpoint(policy, endpoint, context),
        );
  const always = mode === "always" && isLocalEndpoint(endpoint, context);
  return {
    policies: selecting,
    enforced: always || selecting.length > 0,
    defaultDeny: always || selecting.some((policy) => policy.isolates[direction]),
    passes: selecting.some((policy) =>
      rulesIn(policy, direction).some(({ action }) => action === "pass"),
    ),
  };
}

/** What the policies of one end say about a connection. */
export function decideSide(
  direction: Direction,
  connection: Connection,
  policies: readonly Policy[],
  context: MatchContext,
): SideDecision {
  const local = direction === "ingress" ? connection.to : connection.from;
  if (!isLocalEndpoint(local, context)) return { direction, outcome: "no-endpoint", by: [] };
  const enforcement = enforcementOf(local, direction, policies, context);
  if (!enforcement.enforced) return { direction, outcome: "not-enforced", by: [] };
  const entries = matchingEntries(direction, enforcement.policies, connection, context);
  return decideEntries(direction, connection.from, entries, enforcement, context);
}

/** What the entries that match a connection from `from` come to, at an end that is enforced. */
export function decideEntries(
  direction: Direction,
  from: Endpoint,
  entries: readonly Entry[],
  enforcement: Enforcement,
  context: MatchContext,
): SideDecision {
  return (
    fromTiers(direction, entries, enforcement, context) ??
    fallback(direction, from, enforcement, context)
  );
}

/** The first tier that decides; undefined when none does. */
function fromTiers(
  direction: Direction,
  entries: readonly Entry[],
  { defaultDeny }: Enforcement,
  context: MatchContext,
): SideDecision | undefined {
  const { baseline, denyBeatsTiers } = context.profile;
  const inTier = (tier: Tier): Entry[] => entries.filter((entry) => entry.tier === tier);
  if (denyBeatsTiers) {
    const all = inTier("normal");
    const denies = all.filter(({ action }) => action === "deny");
    if (denies.length > 0) return decideLevel(direction, "normal", denies, all, context.profile);
  }
  for (const tier of ["admin", "normal", "baseline"] as const) {
    // By the specification an isolated pod never gets to the baseline.
    if (tier === "baseline" && baseline === "spec" && defaultDeny) return undefined;
    const all = inTier(tier);
    const decided = firstLevel(all);
    if (decided.length > 0 && !decided.every(({ action }) => action === "pass"))
      return decideLevel(direction, tier, decided, all, context.profile);
  }
  return undefined;
}

/** Entries of the level that comes first; a pass among them gives way to an allow or deny of the same level. */
function firstLevel(entries: readonly Entry[]): Entry[] {
  const first = entries.reduce<Entry | undefined>(
    (best, entry) => (best === undefined || isBefore(entry.level, best.level) ? entry : best),
    undefined,
  );
  if (first === undefined) return [];
  return entries.filter(({ level }) => level[0] === first.level[0] && level[1] === first.level[1]);
}

function isBefore(a: Entry["level"], b: Entry["level"]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
}

/** What happens when no rule of any tier decides. */
function fallback(
  direction: Direction,
  from: Endpoint,
  { policies, defaultDeny, passes }: Enforcement,
  { profile }: MatchContext,
): SideDecision {
  if (!defaultDeny)
    return { direction, outcome: "allowed", by: [], derived: `allow-any-${direction}` };
  const fromOwnNode = direction === "ingress" && from.kind === "host";
  // The rule is derived for pods, and only where a policy selects them.
  const derivable = policies.some(({ subject }) => subject.of === "pods");
  if (fromOwnNode && profile.allowLocalHost && derivable)
    return { direction, outcome: "allowed", by: [], derived: "allow-localhost-ingress" };
  // A pass must end somewhere, so that Cilium writes the default denial out as a rule.
  if (passes && profile.name === "cilium")
    return { direction, outcome: "denied", by: [], derived: `deny-any-${direction}` };
  return { direction, outcome: "default-denied", by: [] };
}
