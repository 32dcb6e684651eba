import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { policyLists } from "../../../../test/kit/policy-arbitraries.js";
import { PORTS, worlds } from "../../../../test/kit/policy-worlds.js";
import { matchContext } from "../match/context.js";
import { decide } from "../reference/decide.js";
import { includes, LIST_PROTOCOLS } from "./connection-set.js";
import { createJudge } from "./judge.js";

describe("sets of connections and the evaluator of single ones", () => {
  it("agree at every port that a rule could turn on, between all ends of random worlds", () => {
    let asked = 0;
    fc.assert(
      fc.property(worlds, policyLists, (world, policies) => {
        const context = matchContext(world.profile, world);
        const judge = createJudge(policies, context);
        for (const from of world.endpoints)
          for (const to of world.endpoints) {
            const set = judge.between(from, to);
            for (const protocol of LIST_PROTOCOLS)
              for (const port of probes) {
                const { allowed } = decide({ from, to, protocol, port }, policies, context);
                if (includes(set, protocol, port) !== allowed)
                  expect({ from: from.name, to: to.name, protocol, port, in: !allowed }).toEqual({
                    from: from.name,
                    to: to.name,
                    protocol,
                    port,
                    in: allowed,
                  });
                asked++;
              }
          }
      }),
      { numRuns: 150 },
    );
    expect(asked).toBeGreaterThan(50_000);
  }, 60_000);
});

/** The ports of random rules and their neighbours, and the ends of the line. */
const probes = [
  ...new Set([1, 65_535, ...PORTS.flatMap((port) => [port - 1, port, port + 1])]),
].toSorted((a, b) => a - b);
