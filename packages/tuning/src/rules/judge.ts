import {
  type Connection,
  createEngine,
  type Direction,
  type Endpoint,
  type MatchContext,
  matchesPeers,
  matchesPorts,
  type Outcome,
  type Policy,
  type Rule,
  type RuleRef,
  rulesIn,
} from "@dropscope/policy";

/** What the policies of one end say to a connection, rule by rule. */
export interface SideUse {
  readonly direction: Direction;
  readonly outcome: Outcome;
  /** The other end, which the rules' peers are held against. */
  readonly peer: Endpoint;
  /** Rules that decide, and those that the data path names beside them. */
  readonly deciding: readonly RuleRef[];
  /** Rules whose peer and port match, deciding or not. */
  readonly matching: readonly RuleRef[];
  /** Rules that name names of DNS, where the names of the address are not known: they may match. */
  readonly uncertain: readonly RuleRef[];
  /** Policies that select the end and have a say in the direction. */
  readonly selecting: readonly Policy[];
}

/** Judges connections by a fixed set of policies. */
export type Judge = (connection: Connection) => readonly [egress: SideUse, ingress: SideUse];

export function createJudge(policies: readonly Policy[], context: MatchContext): Judge {
  const { profile, cidrGroups, services } = context;
  const engine = createEngine({ profile, cidrGroups, services });
  for (const [key, specs] of byObject(policies)) engine.setPolicies(key, specs);
  return (connection) => {
    const decision = engine.decide(connection);
    const selecting = engine.selecting(connection);
    const { from, to, protocol, port } = connection;
    const sideOf = (direction: Direction): SideUse => {
      const { outcome, by, alsoNamed = [] } = decision[direction];
      const peer = direction === "egress" ? to : from;
      const ofPort = selecting[direction].flatMap((policy) =>
        rulesIn(policy, direction)
          .filter((rule) => matchesPorts(rule, protocol, port, to))
          .map((rule) => ({ policy, rule })),
      );
      const isNameless = peer.kind === "address" && peer.fqdns.length === 0;
      return {
        direction,
        outcome,
        peer,
        deciding: [...by, ...alsoNamed],
        matching: ofPort.filter(({ rule }) => matchesPeers(rule, peer, context)),
        uncertain: isNameless ? ofPort.filter(({ rule }) => namesNames(rule)) : [],
        selecting: selecting[direction],
      };
    };
    return [sideOf("egress"), sideOf("ingress")];
  };
}

function namesNames({ peers }: Rule): boolean {
  return peers !== "any" && peers.some(({ of }) => of === "fqdn");
}

/** A policy of several specs is one object. */
export function byObject(policies: readonly Policy[]): Map<string, Policy[]> {
  const objects = new Map<string, Policy[]>();
  for (const policy of policies) {
    const key = policyKey(policy);
    const specs = objects.get(key);
    if (specs === undefined) objects.set(key, [policy]);
    else specs.push(policy);
  }
  return objects;
}

export function policyKey({
  kind,
  namespace,
  name,
}: Pick<Policy, "namespace" | "name"> & { readonly kind: string }): string {
  return `${kind}/${namespace}/${name}`;
}
