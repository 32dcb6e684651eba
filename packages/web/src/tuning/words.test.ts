import type { Evidence, ReplayAnswer, RuleUse } from "@dropscope/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attributionText,
  changesText,
  doubts,
  folded,
  readinessSentence,
  replaySentence,
  seenText,
  sortedRules,
} from "./words.js";

const DAY = 86_400_000;
const EVIDENCE: Evidence = {
  from: 0,
  to: 7 * DAY,
  firstSeen: 1,
  lastSeen: 2,
  flows: 100,
  edges: 9,
  hoursSeen: 168,
  hours: 168,
  gaps: [],
  unknown: [],
  left: 0,
};
const NONE = { edges: 0, flows: 0 };
const replay = (more: Partial<ReplayAnswer["counts"]>, evidence = EVIDENCE): ReplayAnswer => ({
  at: 0,
  evidence,
  changes: [],
  problems: [],
  groups: [],
  counts: {
    newlyDenied: NONE,
    newlyAllowed: NONE,
    stillDenied: NONE,
    stillAllowed: { edges: 9, flows: 100 },
    unknown: NONE,
    ...more,
  },
});

describe("what a replay says", () => {
  it("what would be denied comes first, with its flows", () => {
    expect(replaySentence(replay({ newlyDenied: { edges: 2, flows: 41 } }))).toEqual({
      wrong: true,
      text: "2 connections would be denied",
      rest: "41 flows in 7 days; 9 allowed as before",
    });
  });

  it("nothing denied is said with all that is not known beside it", () => {
    const evidence: Evidence = {
      ...EVIDENCE,
      hoursSeen: 100,
      left: 3,
      unknown: [{ why: "w", edges: 2, flows: 5 }],
      gaps: [{ time: "", node: "", cause: "perf-ring", count: 1 }],
    };
    expect(replaySentence(replay({}, evidence))).toEqual({
      wrong: false,
      text: "Nothing that was seen in 7 days would be denied",
      rest: "9 allowed as before; 2 connections could not be judged; flows in 100 of 168 hours",
    });
    expect(doubts(evidence)).toEqual([
      "2 connections could not be judged",
      "3 connections not looked at",
      "flows in 100 of 168 hours",
      "1 known loss of flows",
    ]);
    expect(doubts(EVIDENCE)).toEqual([]);
  });

  it("without traffic nothing is proven", () => {
    const { text, rest } = replaySentence(replay({}, { ...EVIDENCE, edges: 0, flows: 0 }));
    expect(text).toBe("No traffic was seen in 7 days");
    expect(rest).toContain("nothing is known");
  });

  it("a text that cannot be read is not replayed, a lint is", () => {
    const error = { severity: "error" as const, rule: "", message: "m", line: 4, column: 1 };
    expect(replaySentence({ ...replay({}), problems: [error] }).text).toBe("Line 4 cannot be read");
    expect(replaySentence({ ...replay({}), problems: [{ ...error, rule: "NP001" }] }).wrong).toBe(
      false,
    );
  });

  it("counts what becomes of policies", () => {
    const policy = { kind: "NetworkPolicy", namespace: "web", name: "a" };
    const all = ["removed", "added", "added", "same"] as const;
    expect(changesText(all.map((change) => ({ policy, change })))).toBe(
      "2 new, 1 as in force, 1 taken away",
    );
  });

  it("names what really happened", () => {
    expect(seenText({ forwarded: 1204, dropped: 0, audited: 2 })).toBe(
      "1,204 forwarded, 2 audited",
    );
  });
});

describe("rules", () => {
  const rule = (name: string, flows: number, findings = 0): RuleUse => ({
    policy: { kind: "NetworkPolicy", namespace: "web", name },
    path: "spec.ingress[0]",
    line: 1,
    direction: "ingress",
    action: "allow",
    says: "",
    flows,
    edges: 1,
    firstSeen: null,
    lastSeen: null,
    trend: [],
    attributed: { hubble: flows, evaluated: 0 },
    findings: Array.from({ length: findings }, () => ({ kind: "never-used", says: "", yaml: "" })),
  });

  it("those with something to say come first, then the busiest", () => {
    const all = [rule("a", 5), rule("b", 9), rule("c", 0, 1), rule("d", 3, 2)];
    const names = (by: Parameters<typeof sortedRules>[1]): string =>
      sortedRules(all, by)
        .map(({ policy }) => policy.name)
        .join("");
    expect(names("matters")).toBe("dcba");
    expect(names("flows")).toBe("badc");
    expect(names("name")).toBe("abcd");
  });

  it("say how their hits are known", () => {
    expect(attributionText(rule("a", 0))).toBe("");
    expect(attributionText(rule("a", 4))).toContain("for all of them");
    expect(attributionText({ ...rule("a", 4), attributed: { hubble: 1, evaluated: 3 } })).toBe(
      "Hubble named this policy for 1; 3 are worked out from the policies",
    );
  });
});

describe("a trend", () => {
  it("in fewer steps has the same sum, and its newest step is whole", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1000 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        (trend, most) => {
          const steps = folded(trend, most);
          expect(steps.length).toBeLessThanOrEqual(Math.max(most, 0));
          const sum = (all: readonly number[]): number =>
            all.reduce((total, one) => total + one, 0);
          expect(sum(steps)).toBe(sum(trend));
          if (trend.length === 0) return;
          const width = Math.max(1, Math.ceil(trend.length / most));
          expect(steps.at(-1)).toBe(sum(trend.slice(-width)));
        },
      ),
    );
  });
});

describe("readiness", () => {
  it("says how many namespaces are safe, and where the others are", () => {
    const one = (stage: "enforced" | "ready" | "no-policy") => ({ stage }) as never;
    expect(
      readinessSentence([one("no-policy"), one("ready"), one("enforced"), one("no-policy")]),
    ).toEqual({
      wrong: false,
      text: "Default deny is safe in 2 of 4 namespaces",
      rest: "1 enforced, 1 ready, 2 no policy",
    });
    expect(readinessSentence([]).text).toBe("No namespace was seen in this range.");
  });
});
