import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalPolicies } from "../../../../../../test/kit/policy-arbitraries.js";
import {
  APPS,
  endpoints,
  NAMESPACES,
  PLACE,
  PROBES,
  TEAMS,
} from "../../../../../../test/kit/policy-worlds.js";
import type { Decision } from "../../../decision.js";
import type { Endpoint } from "../../../endpoint.js";
import type { Manifests, SourceObject, Workload } from "../../../objects.js";
import type { Policy, Rule } from "../../../policy.js";
import { PROFILES } from "../../../profile.js";
import { decide } from "../../../reference/decide.js";
import { CN013 } from "../cilium/cn013-allow-behind-deny.js";
import { createContext } from "../../context/context.js";
import type { Draft, LintRule } from "../../rule.js";
import { NP301 } from "./np301-rule-in-rule.js";
import { NP302 } from "./np302-policy-in-others.js";
import { NP303 } from "./np303-entry-in-entry.js";
import { NP306 } from "./np306-default-deny-twice.js";

/**
 * A lint that calls something needless is put to the proof: without it, every
 * decision between the ends of a random world must be as before.
 */
const CILIUM = PROFILES.cilium;

const workloads: fc.Arbitrary<Workload[]> = fc.uniqueArray(
  fc
    .record({
      namespace: fc.constantFrom(...NAMESPACES),
      app: fc.constantFrom(...APPS),
      tier: fc.option(fc.constantFrom("1", "2")),
    })
    .map(({ namespace, app, tier }) => ({
      kind: "Pod",
      name: `${app}-${tier ?? 0}`,
      namespace,
      labels: { app, ...(tier === null ? {} : { tier }) },
      serviceAccount: "default",
      hostNetwork: false,
      ports: [{ name: "http", protocol: "TCP" as const, port: 8080 }],
      addresses: [],
      place: PLACE,
    })),
  { minLength: 3, maxLength: 8, selector: ({ namespace, name }) => `${namespace}/${name}` },
);

/** Few different policies, so that some are within others; each with places of its own. */
const policies: fc.Arbitrary<Policy[]> = fc
  .array(normalPolicies, { minLength: 1, maxLength: 4 })
  .chain((drawn) =>
    fc
      .array(fc.tuple(fc.nat(drawn.length - 1), fc.nat(7), fc.nat(7)), {
        minLength: 2,
        maxLength: 7,
      })
      .map((picks) =>
        picks.map(([which, drop, borrow], number) =>
          placed(
            {
              ...drawn[which]!,
              // Some rules less, or those of another: near misses of containment.
              rules: [
                ...drawn[which]!.rules.filter((_, i) => i !== drop),
                ...(borrow < 4 ? (drawn[borrow % drawn.length]?.rules ?? []) : []),
              ].filter(
                ({ action }) => drawn[which]!.kind !== "NetworkPolicy" || action === "allow",
              ),
            },
            number,
          ),
        ),
      ),
  );

function placed(policy: Omit<Policy, "name">, number: number): Policy {
  const place = { ...PLACE, line: number + 1 };
  const counts = new Map<string, number>();
  return {
    ...policy,
    name: `p${number}`,
    place,
    subject: { ...policy.subject, place: { ...place, path: "spec.endpointSelector" } },
    rules: policy.rules.map((rule): Rule => {
      const index = counts.get(rule.section) ?? 0;
      counts.set(rule.section, index + 1);
      const path = `spec.${rule.section}[${index}]`;
      return {
        ...rule,
        index,
        place: { ...place, path },
        peers:
          rule.peers === "any"
            ? "any"
            : rule.peers.map((peer, i) => ({
                ...peer,
                place: { ...place, path: `${path}.peers[${i}]` },
              })),
        ports:
          rule.ports === "any"
            ? "any"
            : rule.ports.map((port, i) => ({
                ...port,
                place: { ...place, path: `${path}.ports[${i}]` },
              })),
      };
    }),
  };
}

function manifestsOf(policies: readonly Policy[], workloads: readonly Workload[]): Manifests {
  return {
    policies,
    workloads,
    namespaces: NAMESPACES.map((name, i) => ({
      name,
      labels: { "kubernetes.io/metadata.name": name, team: TEAMS[i % TEAMS.length]! },
      place: PLACE,
    })),
    services: [],
    nodes: [],
    cidrGroups: [],
    publications: [],
    problems: [],
    sources: policies.map(({ kind, namespace, name, place }): SourceObject => ({
      apiVersion: kind === "NetworkPolicy" ? "networking.k8s.io/v1" : "cilium.io/v2",
      kind,
      namespace,
      name,
      value: {},
      placeOf: () => place,
      text: "",
      range: [0, 0],
    })),
  };
}

type Remove = (policies: readonly Policy[], drafts: readonly Draft[]) => Policy[];

const withoutPolicies: Remove = (policies, drafts) =>
  policies.filter(({ name }) => !drafts.some(({ on }) => on.name === name));

const withoutRules: Remove = (policies, drafts) =>
  policies.map((policy) => ({
    ...policy,
    rules: policy.rules.filter(
      ({ section, index }) =>
        !drafts.some(
          ({ on, path }) => on.name === policy.name && path[1] === section && path[2] === index,
        ),
    ),
  }));

const withoutEntries: Remove = (policies, drafts) => {
  const named = (policy: Policy, path: string): boolean =>
    drafts.some(
      (draft) =>
        draft.on.name === policy.name &&
        path === `spec.${draft.path[1]}[${draft.path[2]}].${draft.path[3]}[${draft.path[4]}]`,
    );
  return policies.map((policy) => ({
    ...policy,
    rules: policy.rules.map((rule) => ({
      ...rule,
      peers:
        rule.peers === "any" ? "any" : rule.peers.filter(({ place }) => !named(policy, place.path)),
      ports:
        rule.ports === "any" ? "any" : rule.ports.filter(({ place }) => !named(policy, place.path)),
    })),
  }));
};

/** That nothing is enforced lets through as much as an allow does. */
function outcomes({ allowed, egress, ingress }: Decision): unknown {
  return [
    allowed,
    ...[egress, ingress].map(({ outcome, authentication }) => [
      outcome === "not-enforced" ? "allowed" : outcome,
      authentication,
    ]),
  ];
}

describe.each([
  { rule: NP301, remove: withoutRules, atLeast: 25 },
  { rule: NP302, remove: withoutPolicies, atLeast: 25 },
  { rule: NP303, remove: withoutEntries, atLeast: 25 },
  { rule: NP306, remove: withoutPolicies, atLeast: 5 },
  { rule: CN013, remove: withoutRules, atLeast: 10 },
] satisfies { rule: LintRule; remove: Remove; atLeast: number }[])(
  "$rule.id",
  ({ rule, remove, atLeast }) => {
    it("only names what changes no decision", () => {
      let found = 0;
      const others = fc.array(endpoints, { maxLength: 4 });
      fc.assert(
        fc.property(
          policies,
          workloads,
          others,
          fc.nat(PROBES.length - 1),
          (all, pods, ends, turn) => {
            const context = createContext(manifestsOf(all, pods), { profile: CILIUM });
            const drafts = [...rule.check(context)];
            if (drafts.length === 0) return;
            found += drafts.length;
            const less = remove(all, drafts);
            expect(less).not.toEqual(all);
            const world: Endpoint[] = [
              ...context.pods.all.map(({ endpoint }) => endpoint),
              ...ends.filter(({ kind }) => kind !== "pod"),
            ];
            let at = turn;
            for (const from of world)
              for (const to of world)
                for (let i = 0; i < 4; i++) {
                  at = (at + 7) % PROBES.length;
                  const [protocol, port] = PROBES[at]!;
                  const connection = { from, to, protocol, port };
                  expect(outcomes(decide(connection, less, context.match))).toEqual(
                    outcomes(decide(connection, all, context.match)),
                  );
                }
          },
        ),
        { numRuns: 800 },
      );
      expect(found).toBeGreaterThan(atLeast);
    }, 60_000);
  },
);
