import type { Flow, NewlyAllowed, NewlyAllowedPairs } from "@dropscope/model";
import {
  allowedBySide,
  type Connection,
  connectionCount,
  type ConnectionSet,
  connectionText,
  createJudge,
  type Direction,
  type Endpoint,
  EVERYTHING,
  explain,
  includes,
  intersectConnections,
  isDenial,
  isEverything,
  isNothing,
  type Judge,
  type JudgedSide,
  type ListProtocol,
  l7ListsOf,
  type MatchContext,
  matchesPeers,
  type Policy,
  type Rule,
  rulesIn,
  selectsEndpoint,
  subtractConnections,
} from "@dropscope/policy";
import type { ChangedObject, Draft } from "./draft.js";
import { type CountedEnd, outsideEnds } from "./ends.js";
import type { Naming } from "./naming.js";

/** What an edit opens, over all ends that are known. */
export interface Reach {
  readonly allows: NewlyAllowed;
}

export interface Reaching {
  /** Undefined when more than `most` connections newly pass, or anything no longer does. */
  reach(draft: Draft, most?: number): Reach | undefined;
  /** What the policies of one end newly let through, whatever those of the other end say: (source, destination, port). */
  grown(draft: Draft, direction: Direction): number;
}

const MOST_BEYOND = 20;
/** Ranges, and names, that are looked at. */
const MOST_OUTSIDE = 200;
const DIRECTIONS = ["egress", "ingress"] as const;

export interface ReachAsked {
  readonly connection: Connection;
  /** A request that the proxy refused; undefined where packets were dropped. */
  readonly request: Flow | undefined;
  readonly policies: readonly Policy[];
  readonly context: MatchContext;
  /** The two ends of the connection among them. */
  readonly ends: readonly CountedEnd[];
  readonly naming: Naming;
}

/**
 * Counts by evaluation: every pair of ends that a change can concern is judged under the policies before
 * and after it, over all ports of TCP, UDP and SCTP; ICMP and requests by what was asked.
 */
export function createReach(asked: ReachAsked): Reaching {
  const { connection, policies, context, naming } = asked;
  const before = createSight(asked, judges(policies, context, undefined));
  const namespaces = new Set(["", connection.from.namespace, connection.to.namespace]);
  const concerning = policies.filter(({ namespace }) => namespaces.has(namespace));
  const outside = namedOutside(concerning).filter(
    (one) => !asked.ends.some((end) => naming.isSame(end.endpoint, one.endpoint)),
  );

  const isAsked = (from: CountedEnd, to: CountedEnd): boolean =>
    naming.isSame(from.endpoint, connection.from) && naming.isSame(to.endpoint, connection.to);

  const ends = [...asked.ends, ...outside];
  /** The same rules come again with each draft. */
  const known = new Map<string, readonly number[]>();
  const matching = (rule: Rule): readonly number[] => {
    const key = saidBy(rule);
    const found =
      known.get(key) ??
      ends.flatMap(({ endpoint }, at) => (matchesPeers(rule, endpoint, context) ? [at] : []));
    known.set(key, found);
    return found;
  };
  const compared = (draft: Draft) => {
    const changed = [...draft.changed.values()];
    const differs = new Set(changed.map(({ policy }) => policy.namespace));
    const judgeOf = judges(draft.policies, context, { judgeOf: before.judgeOf, differs });
    const after = createSight(asked, judgeOf);
    return { after, pairs: concerned(changed, ends, matching, context, [before, after]) };
  };

  const grown = (draft: Draft, direction: Direction): number => {
    const { after, pairs } = compared(draft);
    let count = 0;
    for (const [from, to] of pairs) {
      const subject = direction === "egress" ? from.endpoint : to.endpoint;
      const [was, is] = [before, after].map(({ judgeOf }) =>
        bySide(judgeOf(subject).side(direction, from.endpoint, to.endpoint)),
      ) as [ConnectionSet, ConnectionSet];
      count += pairsOf(from, to) * connectionCount(subtractConnections(is, was));
    }
    return count;
  };

  const reach = (draft: Draft, most = Number.POSITIVE_INFINITY): Reach | undefined => {
    const { after, pairs } = compared(draft);
    const beyond = new Map<string, { row: NewlyAllowedPairs; weight: number }>();
    const ports = new Set<string>();
    let [count, own, connections] = [0, 0, 0];
    for (const [from, to] of pairs) {
      const many = pairsOf(from, to);
      if (many === 0) continue;
      const [was, is] = [before.between(from, to), after.between(from, to)];
      const opened = difference(is, was);
      if (!isEmpty(difference(was, is))) return undefined;
      if (isEmpty(opened)) continue;
      count += many;
      const weight = many * sizeOf(opened);
      connections += weight;
      if (connections > most) return undefined;
      const text = textOf(opened, connection);
      if (isAsked(from, to)) {
        own += many;
        ports.add(text);
        continue;
      }
      const [client, server] = [from.peer, to.peer];
      const key = JSON.stringify([client, server, text]);
      const known = beyond.get(key) ?? {
        row: { client, server, ports: text, pairs: 0 },
        weight: 0,
      };
      beyond.set(key, {
        row: { ...known.row, pairs: known.row.pairs + many },
        weight: known.weight + weight,
      });
    }
    const rows = [...beyond]
      .toSorted(([a, x], [b, y]) => y.weight - x.weight || (a < b ? -1 : 1))
      .map(([, { row }]) => row);
    return {
      allows: {
        pairs: count,
        asked: own,
        ports: [...ports].sort().join("; "),
        connections,
        beyond: rows.slice(0, MOST_BEYOND),
        more: Math.max(0, rows.length - MOST_BEYOND),
        pods: podsOf(asked.ends),
      },
    };
  };
  return { reach, grown };
}

function bySide(side: JudgedSide | undefined): ConnectionSet {
  return side === undefined ? EVERYTHING : allowedBySide(side);
}

/** What passes between two ends: ports, and whether the asked ICMP message or request does. */
interface Passing {
  readonly set: ConnectionSet;
  readonly asked: boolean;
}

/** Who may talk to whom under one set of policies. */
interface Sight {
  readonly judgeOf: (end: Endpoint) => Judge;
  between(from: CountedEnd, to: CountedEnd): Passing;
}

/** @param judgeOf knows the policies that may select an end; of others it need not */
function createSight(
  { connection, request, context }: ReachAsked,
  judgeOf: (end: Endpoint) => Judge,
): Sight {
  const { protocol, port } = connection;
  // Neither is a matter of ports.
  const isApart = request !== undefined || protocol === "ICMP" || protocol === "ICMPv6";
  const passesAsked = (from: Endpoint, to: Endpoint): boolean => {
    const some = new Set([
      ...judgeOf(from).selecting("egress", from),
      ...judgeOf(to).selecting("ingress", to),
    ]);
    const told = explain({ from, to, protocol, port }, [...some], context);
    return DIRECTIONS.every((direction) => {
      const side = told[direction];
      if (isDenial(side.outcome)) return false;
      if (request === undefined) return true;
      const lists = l7ListsOf(side, { to, protocol, port }, request);
      return lists.length === 0 || lists.some(({ answer }) => answer.passes === "yes");
    });
  };
  return {
    judgeOf,
    between({ endpoint: from }, { endpoint: to }) {
      const egress = bySide(judgeOf(from).side("egress", from, to));
      const set = isNothing(egress)
        ? egress
        : intersectConnections(egress, bySide(judgeOf(to).side("ingress", from, to)));
      return { set, asked: isApart && passesAsked(from, to) };
    },
  };
}

/**
 * Judges by namespace: an end is selected by policies of its own and of the cluster, some dozens of thousands.
 * @param others judges of namespaces in which nothing differs
 */
function judges(
  policies: readonly Policy[],
  context: MatchContext,
  others:
    | { readonly judgeOf: (end: Endpoint) => Judge; readonly differs: ReadonlySet<string> }
    | undefined,
): (end: Endpoint) => Judge {
  const made = new Map<string, Judge>();
  return (end) => {
    const { namespace } = end;
    if (others !== undefined && !others.differs.has("") && !others.differs.has(namespace))
      return others.judgeOf(end);
    let judge = made.get(namespace);
    if (judge === undefined) {
      const own = policies.filter((one) => one.namespace === "" || one.namespace === namespace);
      judge = createJudge(own, context);
      made.set(namespace, judge);
    }
    return judge;
  };
}

function difference(a: Passing, b: Passing): Passing {
  return { set: subtractConnections(a.set, b.set), asked: a.asked && !b.asked };
}

const isEmpty = ({ set, asked }: Passing): boolean => isNothing(set) && !asked;

const sizeOf = ({ set, asked }: Passing): number => connectionCount(set) + (asked ? 1 : 0);

function textOf({ set, asked }: Passing, { protocol, port }: Connection): string {
  const texts = isNothing(set) ? [] : [isEverything(set) ? "every port" : connectionText(set)];
  const told = protocol.startsWith("ICMP") ? `${protocol} type ${port}` : `${protocol} ${port}`;
  const isTold = isList(protocol) && includes(set, protocol, port);
  return [...texts, ...(asked && !isTold ? [told] : [])].join(", ");
}

const isList = (protocol: string): protocol is ListProtocol =>
  protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";

/** A pod does not count as its own peer: nothing keeps it from itself. */
function pairsOf(from: CountedEnd, to: CountedEnd): number {
  return from === to ? from.count * (from.count - 1) : from.count * to.count;
}

function podsOf(ends: readonly CountedEnd[]): number {
  return ends.reduce((sum, { endpoint, count }) => sum + (endpoint.kind === "pod" ? count : 0), 0);
}

/** Ranges and names that policies speak of: one end for each, as nobody knows who is there. */
function namedOutside(policies: readonly Policy[]): CountedEnd[] {
  const ranges = new Set<string>();
  const names = new Set<string>();
  for (const { rules } of policies)
    for (const { peers } of rules) {
      if (peers === "any") continue;
      for (const peer of peers)
        if (peer.of === "cidr") ranges.add(peer.cidr);
        else if (peer.of === "fqdn" && peer.name.kind === "name") names.add(peer.name.name);
    }
  return outsideEnds([...ranges].slice(0, MOST_OUTSIDE), [...names].slice(0, MOST_OUTSIDE));
}

/** Pairs about which the changed objects say something else than before. @param matching ends that a rule means */
function* concerned(
  changed: readonly ChangedObject[],
  ends: readonly CountedEnd[],
  matching: (rule: Rule) => readonly number[],
  context: MatchContext,
  sights: readonly [before: Sight, after: Sight],
): Generator<readonly [from: CountedEnd, to: CountedEnd]> {
  const seen = new Set<number>();
  const namespaces = new Set(changed.map(({ policy }) => policy.namespace));
  const mayBeSelected = ({ endpoint }: CountedEnd): boolean =>
    namespaces.has("") || namespaces.has(endpoint.namespace);
  for (const direction of DIRECTIONS)
    for (const [at, subject] of ends.entries()) {
      if (!mayBeSelected(subject)) continue;
      const was = rulesFor(changed, "before", subject, direction, context);
      const is = rulesFor(changed, "after", subject, direction, context);
      if (was.size === 0 && is.size === 0 && !isSelected(changed, subject, context)) continue;
      const [isolated, isolates] = sights.map((sight) => isIsolated(sight, subject, direction));
      const others = new Set<number>();
      if (isolated !== isolates) for (const other of ends.keys()) others.add(other);
      for (const [key, rule] of was)
        if (!is.has(key)) for (const other of matching(rule)) others.add(other);
      for (const [key, rule] of is)
        if (!was.has(key)) for (const other of matching(rule)) others.add(other);
      for (const other of others) {
        const [from, to] = direction === "egress" ? [at, other] : [other, at];
        const key = from * ends.length + to;
        if (seen.has(key)) continue;
        seen.add(key);
        yield [ends[from]!, ends[to]!];
      }
    }
}

function isSelected(
  changed: readonly ChangedObject[],
  { endpoint }: CountedEnd,
  context: MatchContext,
): boolean {
  return changed.some(({ before, after }) =>
    [...before, ...after].some((policy) => selectsEndpoint(policy, endpoint, context)),
  );
}

/** Rules of the changed objects that are about an end, by what they say. */
function rulesFor(
  changed: readonly ChangedObject[],
  when: "before" | "after",
  { endpoint }: CountedEnd,
  direction: Direction,
  context: MatchContext,
): Map<string, Rule> {
  const found = new Map<string, Rule>();
  for (const { policy, [when]: policies } of changed)
    for (const one of policies)
      if (selectsEndpoint(one, endpoint, context))
        for (const rule of rulesIn(one, direction))
          found.set(`${policy.kind}/${policy.namespace}/${policy.name} ${saidBy(rule)}`, rule);
  return found;
}

const said = new WeakMap<Rule, string>();

/** Equal for rules that say the same, wherever they stand. */
function saidBy(rule: Rule): string {
  let text = said.get(rule);
  if (text === undefined) {
    text = JSON.stringify(rule, (key, value: unknown) =>
      key === "place" || key === "index" ? undefined : value,
    );
    said.set(rule, text);
  }
  return text;
}

function isIsolated({ judgeOf }: Sight, { endpoint }: CountedEnd, direction: Direction): boolean {
  return judgeOf(endpoint)
    .selecting(direction, endpoint)
    .some((policy) => policy.tier === "normal" && policy.isolates[direction]);
}
