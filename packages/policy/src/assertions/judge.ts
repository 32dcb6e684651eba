import { type ListProtocol, LIST_PROTOCOLS } from "../connections/connection-set.js";
import { createJudge } from "../connections/judge.js";
import { intersectPorts, type PortInterval, portSet, subtractPorts } from "../connections/ports.js";
import { portsText } from "../connections/set-text.js";
import type { Endpoint } from "../endpoint.js";
import { explain } from "../explain/explain.js";
import { sentence } from "../explain/sentence.js";
import type { Protocol } from "../policy.js";
import type { World } from "../world/world.js";
import type { Assertion } from "./assertion.js";

/** One pair of ends that an assertion is about. */
export interface AssertedConnection {
  readonly assertion: Assertion;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol;
  /** At the destination; types for ICMP. Inclusive, in any order. */
  readonly ports: readonly PortInterval[];
}

/** Two assertions that cannot both hold, and one connection of both. */
export interface Contradiction {
  readonly allow: AssertedConnection;
  readonly deny: AssertedConnection;
  readonly port: number;
}

/**
 * Says what is wrong with a connection: undefined when policies do what the assertion says, else one sentence
 * about the first port where they do not. Remembers which policies select whom: ask one judge about all.
 */
export function createAssertionJudge(
  world: World,
): (connection: AssertedConnection) => string | undefined {
  const judge = createJudge(world.policies, world.context);

  return ({ assertion, from, to, protocol, ports }) => {
    const wanted = assertion.expects === "allow";
    if (!isListed(protocol)) {
      // Types are few: one question each.
      const wrong = ports
        .flatMap(([first, last]) => numbers(first, last))
        .find((port) => allows(port) !== wanted);
      return wrong === undefined ? undefined : told(wrong);
    }
    const open = judge.between(from, to).ports[protocol];
    const asked = portSet(ports);
    const failing = wanted ? subtractPorts(asked, open) : intersectPorts(asked, open);
    const [first] = failing;
    if (first === undefined) return undefined;
    const all =
      failing.length === 1 && first[0] === first[1]
        ? ""
        : ` (${wanted ? "closed" : "open"}: ${protocol} ${portsText(failing)})`;
    return `${told(first[0])}${all}`;

    function answer(port: number) {
      return explain({ from, to, protocol, port }, world.policies, world.context);
    }
    function allows(port: number): boolean {
      return answer(port).decision.allowed;
    }
    function told(port: number): string {
      return sentence(answer(port));
    }
  };
}

/** Connections that one assertion wants allowed and another denied; at most one of each two assertions. */
export function contradictions(connections: readonly AssertedConnection[]): Contradiction[] {
  const byEnds = new Map<string, AssertedConnection[]>();
  for (const one of connections) {
    const key = `${one.protocol}${endpointSort(one.from)}${endpointSort(one.to)}`;
    const some = byEnds.get(key);
    if (some === undefined) byEnds.set(key, [one]);
    else some.push(one);
  }
  const found: Contradiction[] = [];
  const told = new Map<Assertion, Set<Assertion>>();
  for (const some of byEnds.values())
    for (const allow of some.filter(({ assertion }) => assertion.expects === "allow"))
      for (const deny of some.filter(({ assertion }) => assertion.expects === "deny")) {
        const port = sharedPort(allow, deny);
        const known = told.get(allow.assertion) ?? new Set();
        if (port === undefined || known.has(deny.assertion)) continue;
        told.set(allow.assertion, known.add(deny.assertion));
        found.push({ allow, deny, port });
      }
  return found;
}

/** The same for ends that no policy can tell apart but by their address. */
export function endpointSort({ kind, labels, ports, addresses, fqdns, name }: Endpoint): string {
  // An address that is not known has only its name.
  const own = kind === "pod" ? [] : [addresses, addresses.length === 0 ? name : ""];
  return JSON.stringify([kind, labels.texts, ports, own, fqdns]);
}

function sharedPort(a: AssertedConnection, b: AssertedConnection): number | undefined {
  for (const [first, last] of a.ports)
    for (const [start, end] of b.ports)
      if (first <= end && start <= last) return Math.max(first, start);
  return undefined;
}

const isListed = (protocol: Protocol): protocol is ListProtocol =>
  LIST_PROTOCOLS.some((one) => one === protocol);

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
