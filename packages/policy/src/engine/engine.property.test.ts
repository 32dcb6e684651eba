import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectSameDecision } from "../../../../test/kit/agree.js";
import { policyLists } from "../../../../test/kit/policy-arbitraries.js";
import { PROBES, worlds, type ArbitraryWorld } from "../../../../test/kit/policy-worlds.js";
import type { Connection } from "../endpoint.js";
import { selectingPolicies, type Selecting } from "../explain/explain.js";
import { matchContext } from "../match/context.js";
import { decide } from "../reference/decide.js";
import { createEngine } from "./engine.js";

/** Connections between all ends of a world, each with a few of the probes, which `turn` picks. */
export function* connections({ endpoints }: ArbitraryWorld, turn: number): Generator<Connection> {
  let at = turn;
  for (const from of endpoints)
    for (const to of endpoints)
      for (let i = 0; i < 3; i++) {
        at = (at + 7) % PROBES.length;
        const [protocol, port] = PROBES[at] ?? ["TCP", 80];
        yield { from, to, protocol, port };
      }
}

function sorted({ egress, ingress }: Selecting): string[] {
  return [egress, ingress].map((policies) =>
    policies
      .map(({ name }) => name)
      .toSorted()
      .join(),
  );
}

describe("the engine and the evaluator without an index", () => {
  it("agree on every decision of random worlds", () => {
    let asked = 0;
    fc.assert(
      fc.property(worlds, policyLists, fc.nat(PROBES.length - 1), (world, policies, turn) => {
        const engine = createEngine(world);
        for (const policy of policies) engine.setPolicies(policy.name, [policy]);
        const context = matchContext(world.profile, world);
        const ids = new Map(world.endpoints.map((end) => [end, engine.intern(end)]));
        for (const connection of connections(world, turn)) {
          const { from, to, protocol, port } = connection;
          const expected = decide(connection, policies, context);
          expectSameDecision(
            engine.decideInterned(ids.get(from) ?? -1, ids.get(to) ?? -1, protocol, port),
            expected,
          );
          expectSameDecision(engine.decide(connection), expected);
          if (asked % 10 === 0)
            expect(sorted(engine.selecting(connection))).toEqual(
              sorted(selectingPolicies(connection, policies, context)),
            );
          asked++;
        }
      }),
      { numRuns: 1000 },
    );
    expect(asked).toBeGreaterThan(100_000);
  }, 120_000);
});
