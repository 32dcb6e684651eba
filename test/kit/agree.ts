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

function sameSide(got: SideDecision, expected: SideDecision): boolean {
  return (
    got.direction === expected.direction &&
    got.outcome === expected.outcome &&
    got.derived === expected.derived &&
    got.authentication === expected.authentication &&
    got.tier === expected.tier &&
    got.by.length === expected.by.length &&
    got.by.every(({ policy, rule }, i) => {
      const other = expected.by[i];
      return policy === other?.policy && rule === other.rule;
    })
  );
}
