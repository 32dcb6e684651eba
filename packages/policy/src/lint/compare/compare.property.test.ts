import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  peers,
  portMatches,
  policyNamed,
  selectors,
} from "../../../../../test/kit/policy-arbitraries.js";
import { endpoints, PROBES } from "../../../../../test/kit/policy-worlds.js";
import { matchContext } from "../../match/context.js";
import { matchesPeer } from "../../match/peer.js";
import { matchesPort } from "../../match/port.js";
import { matchesSelector } from "../../match/selector.js";
import { selectsEndpoint } from "../../match/subject.js";
import { PROFILES } from "../../profile.js";
import { peerContains, portsContain, subjectContains, subjectsDisjoint } from "./rules.js";
import { selectorContains, selectorsDisjoint } from "./selectors.js";

const ends = fc.array(endpoints, { minLength: 5, maxLength: 10 });
const context = matchContext(PROFILES.cilium);
const runs = { numRuns: 6000 };

/** Each proof that was found is held against random ends; that enough were found shows that the test tests something. */
describe("containment is only claimed where it holds", () => {
  it("of selectors", () => {
    let proofs = 0;
    fc.assert(
      fc.property(selectors, selectors, ends, (outer, inner, found) => {
        const contained = selectorContains(outer, inner);
        const disjoint = selectorsDisjoint(outer, inner);
        if (contained || disjoint) proofs++;
        for (const { labels } of found) {
          if (!matchesSelector(inner, labels)) continue;
          if (contained) expect(matchesSelector(outer, labels)).toBe(true);
          if (disjoint) expect(matchesSelector(outer, labels)).toBe(false);
        }
      }),
      runs,
    );
    expect(proofs).toBeGreaterThan(500);
  });

  it("of peers", () => {
    let proofs = 0;
    fc.assert(
      fc.property(peers, peers, ends, (outer, inner, found) => {
        if (!peerContains(outer, inner)) return;
        proofs++;
        for (const end of found)
          if (matchesPeer(inner, end, context)) expect(matchesPeer(outer, end, context)).toBe(true);
      }),
      runs,
    );
    expect(proofs).toBeGreaterThan(250);
  });

  it("of ports", () => {
    let proofs = 0;
    const lists = fc.array(portMatches, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(lists, lists, endpoints, (outer, inner, destination) => {
        if (!portsContain(outer, inner, "ignore")) return;
        proofs++;
        for (const [protocol, number] of PROBES) {
          const matches = (list: typeof inner): boolean =>
            list.some((port) => matchesPort(port, protocol, number, destination));
          if (matches(inner)) expect(matches(outer)).toBe(true);
        }
      }),
      runs,
    );
    expect(proofs).toBeGreaterThan(80);
  });

  it("of subjects", () => {
    let proofs = 0;
    fc.assert(
      fc.property(policyNamed("a"), policyNamed("b"), ends, (outer, inner, found) => {
        const contained = subjectContains(outer, inner);
        const disjoint = subjectsDisjoint(outer, inner);
        if (contained || disjoint) proofs++;
        for (const end of found) {
          if (!selectsEndpoint(inner, end, context)) continue;
          if (contained) expect(selectsEndpoint(outer, end, context)).toBe(true);
          if (disjoint) expect(selectsEndpoint(outer, end, context)).toBe(false);
        }
      }),
      runs,
    );
    expect(proofs).toBeGreaterThan(500);
  });
});
