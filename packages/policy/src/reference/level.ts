import type { RuleRef, SideDecision } from "../decision.js";
import type { Direction, Tier } from "../policy.js";
import type { Profile } from "../profile.js";
import { authenticationOf } from "./authentication.js";
import type { Entry } from "./entry.js";

/**
 * Decides among the entries of one level: deny beats allow, and a redirect beats
 * a plain allow. `by` names what the data path would name.
 *
 * @param all entries of the whole tier
 */
export function decideLevel(
  direction: Direction,
  tier: Tier,
  entries: readonly Entry[],
  all: readonly Entry[],
  profile: Profile,
): SideDecision {
  const dataPath = profile.name === "cilium";
  const denies = entries.filter(({ action }) => action === "deny");
  if (denies.length > 0) {
    const deciding = dataPath ? decidingDenies(denies) : denies;
    return { direction, outcome: "denied", tier, ...named(deciding, dataPath ? all : []) };
  }
  const allows = entries.filter(({ action }) => action === "allow");
  const redirected = allows.some(({ redirect }) => redirect > 0);
  const deciding = decidingAllows(allows);
  const authentication = authenticationOf(deciding, allows);
  return {
    direction,
    outcome: redirected ? "redirected" : "allowed",
    tier,
    ...named(dataPath ? deciding : allows, dataPath ? all : []),
    ...(authentication === undefined ? {} : { authentication }),
  };
}

/** Cilium keeps the rules of one peer and port as one, and names all of them whichever wins. */
function named(
  deciding: readonly Entry[],
  all: readonly Entry[],
): Pick<SideDecision, "by" | "alsoNamed"> {
  const rules = new Set(deciding.map(({ rule }) => rule));
  const mates = all.filter(
    (entry) => !rules.has(entry.rule) && deciding.some((one) => isSameFilter(one, entry)),
  );
  const by = ruleRefs(deciding);
  return mates.length === 0 ? { by } : { by, alsoNamed: ruleRefs(mates) };
}

function isSameFilter(a: Entry, b: Entry): boolean {
  return a.peer === b.peer && a.filter === b.filter;
}

/**
 * A deny that a broader one covers is never written to the policy map. What is
 * left is at most one for every identity and one for this identity, which comes first.
 */
function decidingDenies(denies: readonly Entry[]): Entry[] {
  const broadest = (wildcard: boolean): number =>
    Math.min(
      Number.POSITIVE_INFINITY,
      ...denies.filter((entry) => entry.wildcard === wildcard).map(({ prefix }) => prefix),
    );
  const [any, own] = [broadest(true), broadest(false)];
  const wildcard = any <= own;
  const prefix = wildcard ? any : own;
  return denies.filter((entry) => entry.wildcard === wildcard && entry.prefix === prefix);
}

/** The most urgent redirect, then the most specific port, then the entry for this very identity. */
export function decidingAllows(allows: readonly Entry[]): Entry[] {
  const merged = withoutCovered(
    allows.map((entry) => ({ entry, redirect: sharedRedirect(entry, allows) })),
  );
  const redirect = Math.max(...merged.map((one) => one.redirect));
  const urgent = merged.filter((one) => one.redirect === redirect).map(({ entry }) => entry);
  const prefix = Math.max(...urgent.map((entry) => entry.prefix));
  const specific = urgent.filter((entry) => entry.prefix === prefix);
  const own = specific.filter(({ wildcard }) => !wildcard);
  return own.length > 0 ? own : specific;
}

/** Prefix of an entry for every port of a protocol. */
const WHOLE_PROTOCOL = 8;

interface Ranked {
  readonly entry: Entry;
  readonly redirect: number;
}

/** Rules with the same peer and port are one filter: if one of them redirects, all of it does. */
function sharedRedirect(entry: Entry, all: readonly Entry[]): number {
  return Math.max(
    ...all.filter((other) => isSameFilter(other, entry)).map(({ redirect }) => redirect),
  );
}

/** An entry of a port for one identity is not written where the same filter says the same for every identity. */
function withoutCovered(all: readonly Ranked[]): Ranked[] {
  return all.filter(
    (one) =>
      one.entry.wildcard ||
      one.entry.prefix <= WHOLE_PROTOCOL ||
      !all.some(
        (other) =>
          other.entry.wildcard &&
          other.entry.filter === one.entry.filter &&
          other.redirect === one.redirect &&
          other.entry.rule.authentication === one.entry.rule.authentication,
      ),
  );
}

/** Each rule once, in an order that does not depend on how policies are stored. */
function ruleRefs(entries: readonly Entry[]): RuleRef[] {
  const refs = new Map<string, RuleRef>();
  for (const { policy, rule } of entries) {
    const { kind, namespace, name, specIndex } = policy;
    const key = JSON.stringify([kind, namespace, name, specIndex, rule.section]);
    refs.set(`${key} ${String(rule.index).padStart(9, "0")}`, { policy, rule });
  }
  return [...refs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref);
}
