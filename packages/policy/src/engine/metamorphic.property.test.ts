import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalPolicies, policyLists } from "../../../../test/kit/policy-arbitraries.js";
import {
  CIDRS,
  endpoints,
  PLACE,
  PROBES,
  worlds,
  type ArbitraryWorld,
} from "../../../../test/kit/policy-worlds.js";
import type { Decision, SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import { parseLabels } from "../labels.js";
import { isLocalEndpoint } from "../match/subject.js";
import { matchContext } from "../match/context.js";
import type { Direction, Peer, Policy, Rule } from "../policy.js";
import { PROFILES } from "../profile.js";
import { decide } from "../reference/decide.js";
import { enforcementOf } from "../reference/side.js";
import type { Selector } from "../selector.js";
import { createEngine } from "./engine.js";

/** Both evaluators: what holds for policies must hold for either. */
const EVALUATORS: readonly (readonly [
  name: string,
  judge: (world: ArbitraryWorld, policies: readonly Policy[]) => (asked: Connection) => Decision,
])[] = [
  [
    "engine",
    (world, policies) => {
      const engine = createEngine(world);
      for (const [i, policy] of policies.entries()) engine.setPolicies(String(i), [policy]);
      return (asked) => engine.decide(asked);
    },
  ],
  [
    "evaluator without an index",
    (world, policies) => {
      const context = matchContext(world.profile, world);
      return (asked) => decide(asked, policies, context);
    },
  ],
];

const RUNS = { numRuns: 120 };

function* connections({ endpoints }: ArbitraryWorld, turn: number): Generator<Connection> {
  let at = turn;
  for (const from of endpoints)
    for (const to of endpoints) {
      at = (at + 11) % PROBES.length;
      const [protocol, port] = PROBES[at] ?? ["TCP", 80];
      yield { from, to, protocol, port };
    }
}

const turns = fc.nat(PROBES.length - 1);
const meaning = (side: SideDecision): unknown[] => [
  side.outcome,
  side.authentication,
  side.derived,
];
const verdict = ({ allowed, egress, ingress }: Decision): unknown[] => [
  allowed,
  ...meaning(egress),
  ...meaning(ingress),
];

describe.each(EVALUATORS)("what holds for policies, by the %s", (_, judge) => {
  it("one more policy that only allows takes nothing from ends that are isolated", () => {
    const added = normalPolicies.map(onlyAllows);
    let checked = 0;
    fc.assert(
      fc.property(worlds, policyLists, added, turns, (world, policies, more, turn) => {
        const [before, after] = [judge(world, policies), judge(world, [...policies, more])];
        for (const asked of connections(world, turn)) {
          if (!isIsolated(asked.from, "egress", policies, world)) continue;
          if (!isIsolated(asked.to, "ingress", policies, world)) continue;
          if (!before(asked).allowed) continue;
          expect(after(asked).allowed).toBe(true);
          checked++;
        }
      }),
      RUNS,
    );
    expect(checked).toBeGreaterThan(500);
  });

  it("the order of policies does not count", () => {
    fc.assert(
      fc.property(worlds, policyLists, turns, (world, policies, turn) => {
        const [one, other] = [judge(world, policies), judge(world, policies.toReversed())];
        for (const asked of connections(world, turn)) expect(other(asked)).toEqual(one(asked));
      }),
      RUNS,
    );
  });

  it("a rule means the same as one rule for each of its peers and ports", () => {
    fc.assert(
      fc.property(worlds, policyLists, turns, (world, policies, turn) => {
        const whole = judge(world, policies);
        const parts = judge(world, policies.map(withSplitRules));
        for (const asked of connections(world, turn))
          expect(verdict(parts(asked))).toEqual(verdict(whole(asked)));
      }),
      RUNS,
    );
  });

  it("an exception takes away what it holds, and nothing else", () => {
    const cidr = fc.constantFrom(...CIDRS);
    const kinds = fc.constantFrom("kubernetes", "cilium");
    fc.assert(
      fc.property(
        cidr,
        cidr,
        kinds,
        fc.array(endpoints, { minLength: 3 }),
        (cidr, out, name, ends) => {
          const world = { profile: PROFILES[name], endpoints: ends, cidrGroups: [], services: [] };
          const from = ends.find((end) => isLocalEndpoint(end, matchContext(world.profile)));
          if (from === undefined) return;
          const reach = (block: string, except: readonly string[]) =>
            judge(world, [egressTo({ of: "cidr", cidr: block, except, place: PLACE })]);
          const [all, taken, left] = [reach(cidr, []), reach(out, []), reach(cidr, [out])];
          for (const to of ends) {
            if (to.addresses.length > 1) continue;
            const asked: Connection = { from, to, protocol: "TCP", port: 80 };
            const isAllowed = (by: typeof all): boolean => by(asked).egress.outcome === "allowed";
            expect(isAllowed(left)).toBe(isAllowed(all) && !isAllowed(taken));
          }
        },
      ),
      RUNS,
    );
  });

  it("names of labels do not count, if they change everywhere", () => {
    fc.assert(
      fc.property(worlds, policyLists, turns, (world, policies, turn) => {
        const one = judge(world, policies);
        const renamed = renameWorld(world);
        const other = judge(renamed, policies.map(renamePolicy));
        const pairs = zip([...connections(world, turn)], [...connections(renamed, turn)]);
        for (const [asked, again] of pairs)
          expect(verdict(other(again))).toEqual(verdict(one(asked)));
      }),
      RUNS,
    );
  });
});

function onlyAllows(policy: Omit<Policy, "name">): Policy {
  return {
    ...policy,
    name: "more",
    rules: policy.rules.filter(({ action }) => action === "allow"),
  };
}

/** Whether what nothing allows is denied there already, or nothing is judged there at all. */
function isIsolated(
  end: Endpoint,
  direction: Direction,
  policies: readonly Policy[],
  world: ArbitraryWorld,
): boolean {
  const context = matchContext(world.profile, world);
  return (
    !isLocalEndpoint(end, context) || enforcementOf(end, direction, policies, context).defaultDeny
  );
}

function withSplitRules(policy: Policy): Policy {
  return { ...policy, rules: policy.rules.flatMap(splitRule) };
}

/** A rule without peers or ports stays: it may be what makes the policy concern the direction. */
function splitRule(rule: Rule): Rule[] {
  const { peers, ports } = rule;
  if (peers.length === 0 || ports.length === 0) return [rule];
  const peerParts = peers === "any" ? ["any" as const] : peers.map((peer) => [peer]);
  const portParts = ports === "any" ? ["any" as const] : ports.map((port) => [port]);
  // The place in the order stays: all parts are of one rule's rank.
  return peerParts.flatMap((some) =>
    portParts.map((part): Rule => Object.assign({}, rule, { peers: some, ports: part })),
  );
}

function egressTo(peer: Peer): Policy {
  return {
    kind: "CiliumClusterwideNetworkPolicy",
    name: "p",
    namespace: "",
    specIndex: 0,
    tier: "normal",
    priority: 0,
    subject: { of: "pods", selector: { requirements: [] }, place: PLACE },
    isolates: { ingress: false, egress: true },
    rules: [
      {
        direction: "egress",
        section: "egress",
        index: 0,
        action: "allow",
        peers: [peer],
        ports: "any",
        place: PLACE,
      },
    ],
    place: PLACE,
  };
}

/** Orders of keys and values change too. */
const RENAMED = new Map([
  ["app", "zone-of-app"],
  ["tier", "a-tier"],
  ["pod-template-hash", "hash"],
]);

function renameLabel(text: string): string {
  const [, source, key, value] = /^(\w+):([^=]*)=?(.*)$/.exec(text) ?? [];
  const to = RENAMED.get(key ?? "");
  return to === undefined ? text : `${source}:${to}=${renameValue(value ?? "")}`;
}

function renameValue(value: string): string {
  return value.length % 2 === 0 ? `a-${value}` : `z-${value}`;
}

function renameRecord(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => {
      const to = RENAMED.get(key);
      return to === undefined ? [key, value] : [to, renameValue(value)];
    }),
  );
}

function renameSelector({ requirements }: Selector): Selector {
  return {
    requirements: requirements.map((requirement) => {
      const key = RENAMED.get(requirement.key);
      if (key === undefined) return requirement;
      return Object.assign({}, requirement, { key, values: requirement.values.map(renameValue) });
    }),
  };
}

function renamePeer(peer: Peer): Peer {
  if (peer.of === "endpoints") return { ...peer, selector: renameSelector(peer.selector) };
  if (peer.of !== "service" || !("selector" in peer.service)) return peer;
  const { namespace, selector } = peer.service;
  return { ...peer, service: { namespace, selector: renameSelector(selector) } };
}

function renamePolicy(policy: Policy): Policy {
  const { subject } = policy;
  return {
    ...policy,
    subject: { ...subject, selector: renameSelector(subject.selector) },
    rules: policy.rules.map((rule) =>
      rule.peers === "any" ? rule : Object.assign({}, rule, { peers: rule.peers.map(renamePeer) }),
    ),
  };
}

function renameWorld(world: ArbitraryWorld): ArbitraryWorld {
  return {
    ...world,
    endpoints: world.endpoints.map((end) =>
      Object.assign({}, end, { labels: parseLabels(end.labels.texts.map(renameLabel)) }),
    ),
    services: world.services.map(({ labels, selector, ...service }) =>
      Object.assign({}, service, {
        labels: renameRecord(labels),
        ...(selector === undefined ? {} : { selector: renameRecord(selector) }),
      }),
    ),
  };
}

function zip<A, B>(as: readonly A[], bs: readonly B[]): [A, B][] {
  return as.map((a, i) => [a, bs[i] as B]);
}
