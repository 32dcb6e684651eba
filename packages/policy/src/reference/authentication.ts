import type { SideDecision } from "../decision.js";
import type { Entry } from "./entry.js";

/**
 * What must be authenticated before the allowed connection may be made. A rule
 * that says nothing takes over what a broader rule for the same peer demands,
 * and else what the rule for every identity demands.
 */
export function authenticationOf(
  deciding: readonly Entry[],
  allows: readonly Entry[],
): SideDecision["authentication"] {
  const [first] = deciding;
  if (first === undefined) return undefined;
  const explicit = strongest(deciding);
  if (explicit !== undefined) return demanded(explicit);
  const inherited = strongest(broader(allows, first.wildcard, first.prefix));
  const others = strongest(narrowest(allows, !first.wildcard));
  const mode = strength.find((one) => one === inherited || one === others);
  return mode === undefined ? undefined : demanded(mode);
}

type Mode = NonNullable<Entry["rule"]["authentication"]>;

const strength: readonly Mode[] = ["test-always-fail", "required", "disabled"];

function strongest(entries: readonly Entry[]): Mode | undefined {
  return strength.find((mode) => entries.some(({ rule }) => rule.authentication === mode));
}

function demanded(mode: Mode): SideDecision["authentication"] {
  return mode === "disabled" ? undefined : mode;
}

/** Entries of the next broader port that say something about authentication. */
function broader(allows: readonly Entry[], wildcard: boolean, prefix: number): Entry[] {
  return narrowest(
    allows.filter((entry) => entry.prefix < prefix && entry.rule.authentication !== undefined),
    wildcard,
  );
}

function narrowest(allows: readonly Entry[], wildcard: boolean): Entry[] {
  const same = allows.filter((entry) => entry.wildcard === wildcard);
  const prefix = Math.max(-1, ...same.map((entry) => entry.prefix));
  return same.filter((entry) => entry.prefix === prefix);
}
