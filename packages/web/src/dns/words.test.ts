import type { DnsEntry, DnsFinding } from "@dropscope/model";
import { DNS_RULES } from "@dropscope/model";
import { expect, it } from "vitest";
import { dnsSentence, groupsOf, RULE_TITLES, stallText } from "./words.js";

const entry = (rule: DnsFinding["rule"], name: string, more: Partial<DnsFinding>): DnsEntry => ({
  finding: {
    rule,
    id: `${rule}${name}`,
    severity: "high",
    client: { kind: "workload", namespace: "web", name },
    server: { kind: "workload", namespace: "kube-system", name: "coredns" },
    query: "",
    detail: "",
    firstSeen: "",
    lastSeen: "",
    count: 1,
    policies: [],
    sentence: "",
    stall: null,
    next: "",
    evidence: [],
    ...more,
  },
  problems: [],
});

it("every rule has a title", () => {
  expect(Object.keys(RULE_TITLES)).toEqual(Object.keys(DNS_RULES));
});

it("findings stand by rule, the worst first, and by how often within it", () => {
  const groups = groupsOf([
    entry("D9", "a", {}),
    entry("D7", "a", { count: 2 }),
    entry("D7", "b", { count: 9 }),
    entry("D10", "a", { severity: "info" }),
    entry("D1", "a", { severity: "critical" }),
  ]);
  expect(groups.map(({ rule }) => rule)).toEqual(["D1", "D7", "D9", "D10"]);
  expect(groups[1]?.entries.map(({ finding }) => finding.client.name)).toEqual(["b", "a"]);
});

it("the sentence counts whom it goes wrong for, and does not cry over hints", () => {
  expect(dnsSentence([]).wrong).toBe(false);
  expect(dnsSentence([entry("D10", "a", { severity: "info" })])).toMatchObject({
    wrong: false,
    rest: "1 hint",
  });
  const stall = { from: 5, to: 40, reason: "" };
  expect(dnsSentence([entry("D1", "a", { stall }), entry("D4", "a", {})])).toEqual({
    wrong: true,
    text: "Name lookups go wrong for 1 workload",
    rest: "each waits up to 40 s",
  });
});

it("a stall is a range", () => {
  expect(stallText({ from: 5, to: 20, reason: "" })).toBe("5 to 20 s");
  expect(stallText({ from: 0, to: 2.5, reason: "" })).toBe("up to 2.5 s");
  expect(stallText({ from: 5, to: 5, reason: "" })).toBe("about 5 s");
  expect(stallText({ from: 0, to: 0, reason: "" })).toBe("no wait");
});
