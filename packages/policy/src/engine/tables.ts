import type { SideDecision } from "../decision.js";
import type { MatchContext } from "../match/context.js";
import type { Direction, Protocol } from "../policy.js";
import type { Entry } from "../reference/entry.js";
import { decideEntries, type Enforcement } from "../reference/side.js";
import type { EndpointClass } from "./classes.js";
import type { CompiledPolicy, CompiledPort, CompiledSide } from "./compile.js";
import { PROTOCOL_BITS } from "./ports.js";

/**
 * The rules of one direction for all ends that the same policies select: most
 * ends share theirs with others.
 */
export interface RuleTable {
  readonly id: number;
  readonly direction: Direction;
  /** Undefined for ends at which nothing is judged. */
  readonly enforcement: Enforcement | undefined;
  readonly sides: readonly CompiledSide[];
}

/** Hash-consed rule tables. */
export interface RuleTables {
  /** The table of an end that the policies select; `policies` by ascending id. */
  of(end: EndpointClass, direction: Direction, policies: readonly CompiledPolicy[]): RuleTable;
  count(): number;
}

export function createRuleTables({ profile }: MatchContext): RuleTables {
  const byName = new Map<string, RuleTable>();
  return {
    of: (end, direction, policies) => {
      const concerned =
        end.isLocal && profile.enforcement !== "never"
          ? policies.filter((policy) => policy[direction] !== undefined)
          : [];
      const name = `${direction} ${end.isLocal} ${concerned.map(({ id }) => id).join()}`;
      let table = byName.get(name);
      if (table === undefined) {
        const sides = concerned.flatMap((policy) => policy[direction] ?? []);
        table = {
          id: byName.size,
          direction,
          enforcement: end.isLocal
            ? enforcementBy(sides, direction, profile.enforcement === "always")
            : undefined,
          sides,
        };
        byName.set(name, table);
      }
      return table;
    },
    count: () => byName.size,
  };
}

function enforcementBy(
  sides: readonly CompiledSide[],
  direction: Direction,
  always: boolean,
): Enforcement {
  const policies = sides.map(({ policy }) => policy);
  return {
    policies,
    enforced: always || policies.length > 0,
    defaultDeny: always || policies.some(({ isolates }) => isolates[direction]),
    passes: sides.some(({ rules }) => rules.some(({ rule }) => rule.action === "pass")),
  };
}

/** What a table says about a connection between ends of two classes. */
export function decideByTable(
  { direction, enforcement, sides }: RuleTable,
  from: EndpointClass,
  to: EndpointClass,
  protocol: Protocol,
  port: number,
  context: MatchContext,
): SideDecision {
  if (enforcement === undefined) return { direction, outcome: "no-endpoint", by: [] };
  if (!enforcement.enforced) return { direction, outcome: "not-enforced", by: [] };
  const remote = direction === "ingress" ? from : to;
  const bit = PROTOCOL_BITS[protocol];
  const entries: Entry[] = [];
  for (const { rules } of sides)
    for (const rule of rules) {
      const { peers, ports } = rule;
      // Ports first: they are told by a few comparisons.
      for (let i = 0; i < ports.length; i++) {
        if (!portMatches(ports[i] as CompiledPort, protocol, bit, port, to)) continue;
        for (let j = 0; j < peers.length; j++)
          if (peers[j]?.matches(remote) === true) entries.push(rule.entry(j, i, port));
      }
    }
  return decideEntries(direction, from.example, entries, enforcement, context);
}

function portMatches(
  { protocols, first, last, name }: CompiledPort,
  protocol: Protocol,
  bit: number,
  port: number,
  to: EndpointClass,
): boolean {
  if ((protocols & bit) === 0 || port < first || port > last) return false;
  return (
    name === undefined ||
    to.example.ports.some(
      (named) => named.name === name && named.protocol === protocol && named.port === port,
    )
  );
}
