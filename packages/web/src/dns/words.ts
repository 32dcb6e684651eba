/** What the DNS page says: the rules in words, and findings in groups. Pure. */
import type { DnsEntry, DnsFinding, DnsRule } from "@dropscope/model";
import { DNS_RULES } from "@dropscope/model";
import { plural } from "../lib/format.js";
import { peerText } from "../lib/peer.js";

export const RULE_TITLES: Record<DnsRule, string> = {
  D1: "Default deny cuts off name lookups",
  D2: "A deny rule stops name lookups",
  D3: "A policy at the DNS server turns clients away",
  D4: "UDP passes, TCP 53 does not",
  D5: "The policy allows the wrong DNS port",
  D6: "The node-local cache cannot be reached",
  D7: "The DNS proxy refuses names",
  D8: "Questions without an answer",
  D9: "The server fails (SERVFAIL)",
  D10: "Most questions are for names that do not exist",
  D11: "An address that toFQDNs does not know",
  D12: "toFQDNs without a rule that lets the proxy see DNS",
  D13: "Lookups that wait for a retry",
};

export interface RuleGroup {
  rule: DnsRule;
  title: string;
  severity: DnsFinding["severity"];
  /** Worst and newest first. */
  entries: DnsEntry[];
}

const ORDER: readonly DnsFinding["severity"][] = ["critical", "high", "medium", "info"];

function rank(severity: DnsFinding["severity"]): number {
  return ORDER.indexOf(severity);
}

/** By rule, the rule with the worst finding first; within it by how bad and how often. */
export function groupsOf(entries: readonly DnsEntry[]): RuleGroup[] {
  const groups = new Map<DnsRule, DnsEntry[]>();
  for (const entry of entries) {
    groups.set(entry.finding.rule, [...(groups.get(entry.finding.rule) ?? []), entry]);
  }
  const number = (rule: DnsRule): number => Number(rule.slice(1));
  return [...groups]
    .map(([rule, some]): RuleGroup => {
      const sorted = some.toSorted(
        ({ finding: a }, { finding: b }) =>
          rank(a.severity) - rank(b.severity) ||
          b.count - a.count ||
          (peerText(a.client) < peerText(b.client) ? -1 : 1),
      );
      return {
        rule,
        title: RULE_TITLES[rule] ?? DNS_RULES[rule] ?? rule,
        severity: sorted[0]?.finding.severity ?? "info",
        entries: sorted,
      };
    })
    .sort((a, b) => rank(a.severity) - rank(b.severity) || number(a.rule) - number(b.rule));
}

/** `5 to 20 s`, `up to 5 s`, `about 5 s`. */
export function stallText({ from, to }: NonNullable<DnsFinding["stall"]>): string {
  if (to <= 0) return "no wait";
  if (from === to) return `about ${seconds(to)} s`;
  return from <= 0 ? `up to ${seconds(to)} s` : `${seconds(from)} to ${seconds(to)} s`;
}

function seconds(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** What the findings say together. */
export function dnsSentence(entries: readonly DnsEntry[]): {
  wrong: boolean;
  text: string;
  rest: string;
} {
  if (entries.length === 0) return { wrong: false, text: "Nothing wrong with DNS", rest: "" };
  const wrong = entries.filter(({ finding }) => finding.severity !== "info");
  if (wrong.length === 0) {
    return {
      wrong: false,
      text: "Nothing wrong with DNS",
      rest: plural(entries.length, "hint"),
    };
  }
  const clients = new Set(wrong.map(({ finding }) => peerText(finding.client)));
  const worst = Math.max(0, ...entries.map(({ finding }) => finding.stall?.to ?? 0));
  return {
    wrong: wrong.some(({ finding }) => rank(finding.severity) <= 1),
    text: `Name lookups go wrong for ${plural(clients.size, "workload")}`,
    rest: worst > 0 ? `each waits up to ${seconds(worst)} s` : "",
  };
}
