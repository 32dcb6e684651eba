import { matchesPorts } from "../../match/port.js";
import { rulesIn } from "../../match/rules.js";
import type { Endpoint } from "../../endpoint.js";
import type { Policy, Rule } from "../../policy.js";
import type { ListProtocol } from "../connection-set.js";
import { levelsOf, type Side } from "../side.js";

/** Why one side lets a connection through or not, in the classes that netpol-analyzer tells apart. */
export type Reason =
  /** No policy has a say, or the ones that have leave it open. */
  | { readonly class: "system-default" }
  | {
      readonly class: "allowed" | "denied" | "passed";
      readonly policy: Policy;
      readonly rule: Rule;
    }
  /** The policy isolates the end, and none of its rules is about the other end. */
  | { readonly class: "not-selected"; readonly policy: Policy; readonly withoutRules: boolean }
  /** The near miss: the rule is about the other end, but not about these ports. */
  | { readonly class: "ports-differ"; readonly policy: Policy; readonly rule: Rule }
  /** As before, and the destination has none of the rule's named ports. */
  | { readonly class: "names-unmatched"; readonly policy: Policy; readonly rule: Rule };

export interface SideReasons {
  readonly allowed: boolean;
  readonly reasons: readonly Reason[];
}

/** One side's reasons at one port. */
export function reasonsAt(
  side: Side | undefined,
  protocol: ListProtocol,
  port: number,
  destination: Endpoint,
): SideReasons {
  const open = { allowed: true, reasons: [{ class: "system-default" } as const] };
  if (side === undefined) return open;
  const owners = ownersOf(side);
  const asked: Asked = { side, protocol, port, destination };
  const admin = firstHit(asked, "admin", owners);
  if (admin !== undefined && admin.class !== "passed")
    return { allowed: admin.class === "allowed", reasons: [admin] };
  const passed = admin === undefined ? [] : [admin];
  const isolating = side.policies.filter(
    (policy) => policy.tier === "normal" && policy.isolates[side.direction],
  );
  const normal = side.policies
    .filter(({ tier }) => tier === "normal")
    .map((policy) => inPolicy(asked, policy))
    .filter((reason) => reason !== undefined);
  const denied = normal.filter((reason) => reason.class === "denied");
  if (denied.length > 0) return { allowed: false, reasons: [...passed, ...denied] };
  const allowed = normal.filter((reason) => reason.class === "allowed");
  if (allowed.length > 0) return { allowed: true, reasons: [...passed, ...allowed] };
  if (isolating.length > 0) return { allowed: false, reasons: [...passed, ...normal] };
  const baseline = firstHit(asked, "baseline", owners);
  if (baseline !== undefined && baseline.class !== "passed")
    return { allowed: baseline.class === "allowed", reasons: [...passed, baseline] };
  return { allowed: true, reasons: [...passed, ...open.reasons] };
}

interface Asked {
  readonly side: Side;
  readonly protocol: ListProtocol;
  readonly port: number;
  readonly destination: Endpoint;
}

type RuleReason = Extract<Reason, { class: "allowed" | "denied" | "passed" }>;

const CLASSES = { allow: "allowed", deny: "denied", pass: "passed" } as const;

/** The rule of an ordered tier that decides. */
function firstHit(
  { side, protocol, port, destination }: Asked,
  tier: "admin" | "baseline",
  owners: ReadonlyMap<Rule, Policy>,
): RuleReason | undefined {
  for (const level of levelsOf(side, tier))
    for (const action of ["deny", "allow", "pass"] as const)
      for (const rule of level)
        if (side.actionOf(rule) === action && matchesPorts(rule, protocol, port, destination))
          return { class: CLASSES[action], policy: owners.get(rule) as Policy, rule };
  return undefined;
}

/** The first rule that decides, else the first near miss, else that nobody is meant. */
function inPolicy(asked: Asked, policy: Policy): Reason | undefined {
  const { side, protocol, port, destination } = asked;
  const rules = rulesIn(policy, side.direction);
  let near: Reason | undefined;
  for (const rule of rules) {
    const action = side.actionOf(rule);
    if (action === undefined) continue;
    if (matchesPorts(rule, protocol, port, destination))
      return { class: CLASSES[action], policy, rule };
    const unmatched = !hasAnyPort(side, rule);
    near ??= { class: unmatched ? "names-unmatched" : "ports-differ", policy, rule };
  }
  if (near !== undefined) return near;
  if (!policy.isolates[side.direction]) return undefined;
  return { class: "not-selected", policy, withoutRules: rules.length === 0 };
}

function hasAnyPort(side: Side, rule: Rule): boolean {
  const { ports } = side.portsOf(rule);
  return Object.values(ports).some((set) => set.length > 0);
}

function ownersOf({ policies }: Side): Map<Rule, Policy> {
  return new Map(policies.flatMap((policy) => policy.rules.map((rule) => [rule, policy] as const)));
}

/** Ports at which some rule of the side begins or stops to match: between them, reasons do not change. */
export function edgesOf(side: Side | undefined, protocol: ListProtocol): number[] {
  if (side === undefined) return [];
  const edges: number[] = [];
  for (const policy of side.policies)
    for (const rule of rulesIn(policy, side.direction))
      for (const [first, last] of side.portsOf(rule).ports[protocol]) edges.push(first, last + 1);
  return edges;
}
