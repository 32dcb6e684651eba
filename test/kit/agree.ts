import { isDeepStrictEqual } from "node:util";
import type { Decision, SideDecision } from "@dropscope/policy";
import { expect } from "vitest";

/** As `toEqual`, and quick where the rules that are named are the very same objects, for hundreds of thousands of checks. */
export function expectSameDecision(got: Decision, expected: Decision): void {
  const same =
    got.allowed === expected.allowed &&
    sameSide(got.egress, expected.egress) &&
    sameSide(got.ingress, expected.ingress);
  if (!same && !isDeepStrictEqual(got, expected)) expect(got).toEqual(expected);
}

/** All that a side says, whatever that is: its values, and the objects in its lists, are the same ones. */
function sameSide(got: SideDecision, expected: SideDecision): boolean {
  const [keys, others] = [Object.entries(got), new Map(Object.entries(expected))];
  return keys.length === others.size && keys.every(([key, value]) => same(value, others.get(key)));
}

function same(got: unknown, expected: unknown): boolean {
  if (!Array.isArray(got) || !Array.isArray(expected)) return got === expected;
  return (
    got.length === expected.length &&
    got.every(({ policy, rule }: { policy: unknown; rule: unknown }, i) => {
      const other = expected[i] as { policy: unknown; rule: unknown };
      return policy === other.policy && rule === other.rule;
    })
  );
}
