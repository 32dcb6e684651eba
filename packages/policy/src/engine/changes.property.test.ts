import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectSameDecision } from "../../../../test/kit/agree.js";
import { policyNamed } from "../../../../test/kit/policy-arbitraries.js";
import { cidrGroups, PROBES, services, worlds } from "../../../../test/kit/policy-worlds.js";
import { matchContext } from "../match/context.js";
import type { Policy } from "../policy.js";
import { decide } from "../reference/decide.js";
import { createEngine, type References } from "./engine.js";

const NAMES = ["a", "b", "c", "d"];

type Step =
  | { readonly of: "set"; readonly name: string; readonly policies: readonly Policy[] }
  | { readonly of: "remove"; readonly name: string }
  | { readonly of: "references"; readonly references: References };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(...NAMES).chain((name) =>
      fc.record({
        of: fc.constant("set" as const),
        name: fc.constant(name),
        policies: fc.array(policyNamed(name), { minLength: 1, maxLength: 2 }),
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ of: fc.constant("remove" as const), name: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      of: fc.constant("references" as const),
      references: fc.record({ cidrGroups, services }),
    }),
  },
);

/** What is in force after each step, without any memory. */
interface Truth {
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
  readonly references: References;
}

function truthAfter(before: Truth, change: Step): Truth {
  const policies = new Map(before.policies);
  if (change.of === "set") policies.set(change.name, change.policies);
  if (change.of === "remove") policies.delete(change.name);
  return {
    policies,
    references: change.of === "references" ? change.references : before.references,
  };
}

describe("an engine whose policies change", () => {
  it("answers as a fresh one and as the evaluator without an index, after every change and for every moment before", () => {
    fc.assert(
      fc.property(
        worlds,
        fc.array(step, { minLength: 1, maxLength: 7 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 12, maxLength: 12 }),
        ({ profile, endpoints }, steps, draws) => {
          // Few kept answers, so that forgetting them is also met.
          const engine = createEngine({ profile, maxCached: 16, maxDecisions: 40 });
          const timeless = createEngine({ profile });
          const ids = endpoints.map((end) => engine.intern(end));
          const truths: Truth[] = [{ policies: new Map(), references: {} }];
          const check = (truth: Truth, at: number | undefined): void => {
            const context = matchContext(profile, truth.references);
            const policies = [...truth.policies.values()].flat();
            const fresh = createEngine({ profile, ...truth.references });
            for (const [name, list] of truth.policies) fresh.setPolicies(name, list);
            for (const [a, b, c] of draws) {
              const [i, j] = [a % endpoints.length, b % endpoints.length];
              const [from, to] = [endpoints[i], endpoints[j]];
              const probe = PROBES[c % PROBES.length];
              if (from === undefined || to === undefined || probe === undefined) continue;
              const [protocol, port] = probe;
              const expected = decide({ from, to, protocol, port }, policies, context);
              expectSameDecision(
                engine.decideInterned(ids[i] ?? -1, ids[j] ?? -1, protocol, port, at),
                expected,
              );
              if (at !== undefined) continue;
              expectSameDecision(fresh.decide({ from, to, protocol, port }), expected);
              expectSameDecision(timeless.decide({ from, to, protocol, port }), expected);
            }
          };
          check(truths[0] as Truth, undefined);
          for (const [i, change] of steps.entries()) {
            const at = 1000 + i;
            if (change.of === "set") {
              engine.setPolicies(change.name, change.policies, at);
              timeless.setPolicies(change.name, change.policies);
            } else if (change.of === "remove") {
              engine.removePolicies(change.name, at);
              timeless.removePolicies(change.name);
            } else {
              engine.setReferences(change.references, at);
              timeless.setReferences(change.references);
            }
            truths.push(truthAfter(truths.at(-1) as Truth, change));
            check(truths.at(-1) as Truth, undefined);
          }
          // Every moment, also those before the first and just before a change.
          for (const [i, truth] of truths.entries()) {
            check(truth, 1000 + i - 1);
            check(truth, 1000 + i - 0.25);
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it("gives back the answers it had kept when a change is undone", () => {
    fc.assert(
      fc.property(worlds, policyNamed("p"), policyNamed("p"), ({ profile, endpoints }, p, q) => {
        const engine = createEngine({ profile });
        const ids = endpoints.map((end) => engine.intern(end));
        const all = (): unknown[] =>
          ids.flatMap((from) => ids.map((to) => engine.decideInterned(from, to, "TCP", 80)));
        engine.setPolicies("p", [p]);
        all();
        engine.setPolicies("p", [q]);
        const second = all();
        engine.setPolicies("p", [p]);
        const known = all();
        engine.setPolicies("p", [q]);
        const { misses } = engine.stats();
        // The very same objects, from memory: new distinctions were made before.
        expect(all().every((decision, i) => decision === second[i])).toBe(true);
        expect(engine.stats().misses).toBe(misses);
        expect(known).toHaveLength(second.length);
      }),
      { numRuns: 50 },
    );
  });
});
