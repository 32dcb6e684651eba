import type { CompareAnswer, EdgeChange, EdgeState } from "@dropscope/model";
import { describe, expect, it } from "vitest";
import { unknownThen } from "../parts/unknown-then.js";
import { changeTitle, compareHeadline, factorText, missingTexts, rateText } from "./words.js";

const peer = { kind: "workload", namespace: "web", name: "a" } as const;
const side = (state: EdgeState) => ({ state, forwarded: 1, audited: 0, dropped: 0, reason: "" });
const edge = (change: EdgeChange["change"], before: EdgeState, after: EdgeState): EdgeChange => ({
  id: `${change} ${before} ${after}`,
  change,
  client: peer,
  server: peer,
  protocol: "TCP",
  port: 443,
  before: side(before),
  after: side(after),
});

function headline(edges: EdgeChange[], counts: Partial<CompareAnswer["counts"]> = {}) {
  const count = (kind: string): number => edges.filter(({ change }) => change === kind).length;
  return compareHeadline({
    edges,
    counts: {
      verdict: count("verdict"),
      drops: count("drops"),
      new: count("new"),
      vanished: count("vanished"),
      same: 3,
      ...counts,
    },
  } as unknown as CompareAnswer);
}

describe("a comparison in one sentence", () => {
  it("says what got worse first, and what came and went after it", () => {
    const found = headline([
      edge("verdict", "forwarded", "dropped"),
      edge("verdict", "mixed", "dropped"),
      edge("verdict", "dropped", "forwarded"),
      edge("new", "none", "dropped"),
      edge("vanished", "forwarded", "none"),
    ]);
    expect(found).toEqual({
      wrong: true,
      text: "1 connection began to be dropped, 1 connection lost what still passed, 1 connection is no longer dropped.",
      rest: "1 new, 1 of them dropped; 1 vanished; 3 as before.",
    });
  });

  it("is calm where nothing got worse", () => {
    expect(headline([edge("verdict", "dropped", "forwarded")])).toMatchObject({
      wrong: false,
      text: "1 connection is no longer dropped.",
    });
    expect(headline([])).toEqual({
      wrong: false,
      text: "No connection changed its verdict.",
      rest: "3 as before.",
    });
  });

  it("does not judge what it has not been told", () => {
    const found = headline([edge("verdict", "forwarded", "dropped")], { verdict: 900 });
    expect(found.text).toBe("900 connections changed verdict.");
  });
});

describe("what is shown of a side", () => {
  const span = { from: 0, to: 60_000, flows: 0, dropped: 0, gaps: [], storedSince: null };

  it("is a rate, or a dash", () => {
    expect(rateText(120, span)).toBe("2.0/s");
    expect(rateText(0, span)).toBe("–");
    expect([factorText(0, 0), factorText(0, 1), factorText(1, 0)]).toEqual(["same", "new", "gone"]);
    expect([factorText(1, 12.4), factorText(3, 1), factorText(1, 1.01)]).toEqual([
      "×12",
      "÷3.0",
      "same",
    ]);
  });

  it("says what is missing once for each cause", () => {
    const gap = (node: string, count: number) =>
      ({ time: "", node, cause: "perf-ring", count }) as const;
    const [text, ...more] = missingTexts({
      ...span,
      gaps: [gap("a", 5), gap("b", 7), gap("a", 1)],
    });
    expect(text).toContain("13 events lost on 2 nodes");
    expect(more).toEqual([]);
    expect(missingTexts(span)).toEqual([]);
  });
});

it("a change says what changed", () => {
  const change = { time: "", action: "changed", namespace: "web", name: "cart" } as const;
  const all = [
    changeTitle({ ...change, what: "workload", kind: "Workload", labels: ["+a=1"] }),
    changeTitle({ ...change, what: "policy", kind: "NetworkPolicy", labels: [] }),
    changeTitle({
      ...change,
      what: "namespace",
      kind: "Namespace",
      namespace: "",
      labels: ["+a=1"],
    }),
  ];
  expect(all).toEqual([
    "Labels of workload web/cart changed",
    "NetworkPolicy web/cart changed",
    "Labels of namespace cart changed",
  ]);
});

it("a moment that is too early says what is known since when", () => {
  const hour = Date.UTC(2026, 3, 1, 12);
  const known = { flows: hour, counts: hour - 1000, policies: hour + 60_000, pods: hour + 60_000 };
  const texts = (at: number, more = {}): string[] =>
    unknownThen(at, { ...known, ...more }, hour, true);
  expect(texts(hour - 5000)).toEqual([
    "Flows are stored since 11:59:59.",
    "Policies are known since 12:01:00: before, they are a guess.",
  ]);
  expect(texts(hour, { policies: null })).toEqual([
    "Policies are not known.",
    "Pods and their addresses are known since 12:01:00.",
  ]);
  expect(texts(hour + 60_000)).toEqual([]);
  expect(unknownThen(0, undefined, hour, true)).toEqual([]);
});
