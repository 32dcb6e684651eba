import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyLists } from "../../../../test/kit/policy-arbitraries.js";
import { PROBES, type ArbitraryWorld, worlds } from "../../../../test/kit/policy-worlds.js";
import { isDenial } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import { type MatchContext, matchContext } from "../match/context.js";
import { matchesPeers } from "../match/peer.js";
import { matchesPorts } from "../match/port.js";
import type { Peer, Policy, PortMatch, Rule } from "../policy.js";
import { decide } from "../reference/decide.js";
import { explain } from "./explain.js";
import type { Failure, RuleAccount } from "./explanation.js";
import { explanationJson } from "./json.js";
import { sentence } from "./sentence.js";

/** Connections of a world, each with one of the probes. */
function* connections({ endpoints }: ArbitraryWorld, turn: number): Generator<Connection> {
  let at = turn;
  for (const from of endpoints)
    for (const to of endpoints) {
      at = (at + 7) % PROBES.length;
      const [protocol, port] = PROBES[at]!;
      yield { from, to, protocol, port };
    }
}

type Check = (connection: Connection, policies: Policy[], context: MatchContext) => void;

function forAll(check: Check, numRuns = 400): void {
  fc.assert(
    fc.property(worlds, policyLists, fc.nat(PROBES.length - 1), (world, policies, turn) => {
      const context = matchContext(world.profile, world);
      for (const connection of connections(world, turn)) check(connection, policies, context);
    }),
    { numRuns },
  );
}

describe("of random worlds", () => {
  it("the explanation's decision is the evaluator's", () => {
    forAll((connection, policies, context) => {
      const { decision, egress, ingress } = explain(connection, policies, context);
      expect(decision).toEqual(decide(connection, policies, context));
      expect([egress.outcome, ingress.outcome]).toEqual([
        decision.egress.outcome,
        decision.ingress.outcome,
      ]);
    });
  });

  it("a rule is said to match exactly when it does, and has failures exactly when it does not", () => {
    let rules = 0;
    forAll((connection, policies, context) => {
      const { egress, ingress } = explain(connection, policies, context);
      for (const { policies: accounts, peer } of [egress, ingress])
        for (const { rules: told } of accounts)
          for (const account of told) {
            rules++;
            expect(account.matches).toBe(matches(account.rule, peer, connection, context));
            expect(account.failures.length === 0).toBe(account.matches);
          }
    });
    expect(rules).toBeGreaterThan(5000);
  });

  it("mending what fails in the nearest rule, and nothing less, lets the connection in", () => {
    let mended = 0;
    forAll((connection, policies, context) => {
      const explanation = explain(connection, policies, context);
      for (const side of [explanation.egress, explanation.ingress]) {
        const { nearest, direction, peer } = side;
        if (!nearest) continue;
        const mend = (failures: readonly Failure[]): Rule =>
          failures.reduce(
            (rule, failure) => repaired(rule, failure, peer, connection),
            nearest.rule,
          );
        const after = decide(
          connection,
          withRule(policies, nearest, mend(nearest.failures)),
          context,
        );
        expect(isDenial(after[direction].outcome)).toBe(false);
        for (const left of nearest.failures) {
          const others = nearest.failures.filter((failure) => failure !== left);
          expect(matches(mend(others), peer, connection, context)).toBe(false);
        }
        mended++;
      }
    }, 800);
    expect(mended).toBeGreaterThan(500);
  });

  it("the order of the policies does not count", () => {
    forAll((connection, policies, context) => {
      const told = explain(connection, policies, context);
      const turned = explain(connection, policies.toReversed(), context);
      expect(explanationJson(turned)).toEqual(explanationJson(told));
    }, 150);
  });

  it("every explanation has a sentence, in one line, that says the verdict", () => {
    forAll((connection, policies, context) => {
      const told = explain(connection, policies, context);
      const denied = isDenial(told.egress.outcome) || isDenial(told.ingress.outcome);
      expect(sentence(told)).toMatch(denied ? / may not reach .+: .+\.$/ : / may reach .+: .+\.$/);
      expect(sentence(told)).not.toMatch(/undefined|\[object|\n/);
    });
  });
});

function matches(
  rule: Rule,
  peer: Endpoint,
  connection: Connection,
  context: MatchContext,
): boolean {
  const { protocol, port, to } = connection;
  return matchesPeers(rule, peer, context) && matchesPorts(rule, protocol, port, to);
}

function withRule(policies: readonly Policy[], account: RuleAccount, rule: Rule): Policy[] {
  return policies.map((policy) =>
    policy === account.policy
      ? { ...policy, rules: policy.rules.map((one) => (one === account.rule ? rule : one)) }
      : policy,
  );
}

/** The rule with one failure mended in the entry that it is about, as an author would. */
function repaired(rule: Rule, failure: Failure, end: Endpoint, connection: Connection): Rule {
  if ("port" in failure) {
    const ports = (rule.ports as PortMatch[]).map((entry) =>
      isEntry(entry, failure.port) ? repairedPort(entry, failure, connection) : entry,
    );
    return { ...rule, ports };
  }
  if (!("peer" in failure)) throw new Error(`${failure.dimension} cannot be mended in one entry`);
  const peers = (rule.peers as Peer[]).map((entry) =>
    isEntry(entry, failure.peer) ? repairedPeer(entry, failure, end) : entry,
  );
  return { ...rule, peers };
}

/** Entries that were mended once are other objects, at the same index. */
const mendedFrom = new WeakMap<object, object>();
const isEntry = (entry: object, original: object): boolean =>
  entry === original || mendedFrom.get(entry) === original;

function repairedPort(entry: PortMatch, failure: Failure, connection: Connection): PortMatch {
  const { protocol, port } = connection;
  const number = { of: "number", first: port, last: port, place: entry.place } as const;
  const mended: PortMatch =
    failure.dimension === "protocol"
      ? { ...entry, protocols: [...entry.protocols, protocol] }
      : { ...number, protocols: entry.protocols };
  return remember(mended, entry);
}

function repairedPeer(entry: Peer, failure: Failure, end: Endpoint): Peer {
  const { place } = entry;
  if ("requirement" in failure && (entry.of === "endpoints" || entry.of === "nodes")) {
    const requirements = entry.selector.requirements.filter((one) => one !== failure.requirement);
    return remember({ ...entry, selector: { requirements } }, entry);
  }
  const [address] = end.addresses;
  if (failure.dimension === "cidr" && address !== undefined)
    return remember({ of: "cidr", cidr: address, except: [], place }, entry);
  return remember({ of: "entity", entity: "all", place }, entry);
}

function remember<Entry extends object>(mended: Entry, entry: object): Entry {
  mendedFrom.set(mended, mendedFrom.get(entry) ?? entry);
  return mended;
}
