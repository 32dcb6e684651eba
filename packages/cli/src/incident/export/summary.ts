import {
  type AuditFinding,
  type ChangeMark,
  type DnsFinding,
  type Gap,
  type Peer,
} from "@dropscope/model";
import type { BundleCounts } from "../format.js";
import { countText } from "../../import/units.js";
import { sparkline } from "./chart.js";
import { code, md, table } from "./markdown.js";
import type { BundledProblem } from "./problem-lines.js";
import { clockText, spanText } from "./times.js";

export interface SummaryProblem {
  readonly problem: BundledProblem;
  /** Path of its chart. */
  readonly chart: string;
  /** Drops over the range in some thirty steps. */
  readonly trend: readonly number[];
}

/** What the page for people says; names are redacted by then. */
export interface SummaryFacts {
  /** ms since 1970. */
  readonly since: number;
  readonly until: number;
  readonly cluster: string;
  readonly filters: readonly string[];
  readonly redaction: { readonly names: boolean; readonly l7: boolean };
  readonly version: string;
  readonly counts: BundleCounts;
  readonly verdicts: readonly { readonly verdict: string; readonly count: number }[];
  /** The most frequent first. */
  readonly problems: readonly SummaryProblem[];
  /** How many problems are not among them. */
  readonly moreProblems: number;
  readonly changes: readonly ChangeMark[];
  readonly gaps: readonly Gap[];
  readonly dns: readonly DnsFinding[];
  readonly audit: readonly AuditFinding[];
}

const MOST_ROWS = 50;

/** The page that somebody reads first: what broke, why, what changed, what is missing. */
export function* summaryMarkdown(facts: SummaryFacts): Iterable<string> {
  const sections = [
    head(facts),
    problemTable(facts),
    ...facts.problems.map(problemSection),
    changeSection(facts),
    lossSection(facts),
    dnsSection(facts),
    auditSection(facts),
    useSection(facts),
  ];
  for (const section of sections) if (section.length > 0) yield `${section.join("\n")}\n\n`;
}

function head(facts: SummaryFacts): string[] {
  const { since, until, cluster, filters, verdicts, counts, redaction } = facts;
  const told = [
    ...(redaction.names ? ["Names are replaced by others, the same for the same."] : []),
    ...(redaction.l7 ? ["What was asked for on layer 7 is left out."] : []),
    ...(counts.shortened > 0
      ? [
          `Of ${countText(counts.shortened)} flows something is left out for the length of their lines.`,
        ]
      : []),
  ];
  return [
    `# Incident of ${clockText(since)} to ${clockText(until)} UTC`,
    "",
    `${spanText(until - since + 1)} in cluster ${code(cluster)}: ${countText(counts.flows)} flows, ${countText(counts.problems)} problems, ${countText(counts.policies)} versions of policies.`,
    ...(filters.length > 0 ? ["", `Only flows that match ${code(filters.join(" "))}.`] : []),
    ...(told.length > 0 ? ["", told.join(" ")] : []),
    "",
    ...(verdicts.length > 0
      ? [
          ...table(
            ["verdict", "flows"],
            verdicts.map(({ verdict, count }) => [md(verdict), countText(count)]),
          ),
          "",
        ]
      : []),
    "![Dropped flows by reason](charts/drops.svg)",
  ];
}

function problemTable({ problems, moreProblems }: SummaryFacts): string[] {
  if (problems.length === 0) return ["## Problems", "", "No drop of the range is explained."];
  return [
    "## Problems",
    "",
    ...table(
      ["drops", "from", "to", "why", "first seen (UTC)", "over the range"],
      problems.map(({ problem, trend }) => [
        countText(problem.count),
        code(peerText(problem.source)),
        code(`${peerText(problem.destination)}${portText(problem)}`),
        md(problem.outcome),
        timeText(problem.first_seen),
        code(sparkline(trend)),
      ]),
    ),
    ...(moreProblems > 0 ? ["", `And ${countText(moreProblems)} more in problems.jsonl.`] : []),
  ];
}

function problemSection({ problem, chart }: SummaryProblem): string[] {
  const { explanation, policies, change, nearest } = {
    ...problem,
    nearest: problem.explanation.nearest,
  };
  return [
    `### ${code(peerText(problem.source))} → ${code(`${peerText(problem.destination)}${portText(problem)}`)}`,
    "",
    md(explanation.sentence),
    "",
    `- ${countText(problem.count)} drops, the last at ${timeText(problem.last_seen)} UTC, on ${countText(problem.pods.count)} pods and ${countText(problem.nodes.count)} nodes`,
    ...(policies.length > 0
      ? [`- policies: ${policies.map((one) => code(policyText(one))).join(", ")}`]
      : []),
    ...(nearest === null
      ? []
      : [
          `- nearest rule: ${code(`${nearest.policy} ${nearest.rule}`)}`,
          ...nearest.failed.map(
            ({ part, wanted, got }) => `  - ${md(part)}: wanted ${code(wanted)}, got ${code(got)}`,
          ),
        ]),
    ...(change === null ? [] : [`- before it: ${changeText(change)}`]),
    ...(explanation.next === "" ? [] : [`- next: ${md(explanation.next)}`]),
    `- problem ${code(problem.id)}, agreement with Cilium: ${md(problem.agreement)}`,
    "",
    `![Drops over time](${chart})`,
  ];
}

function changeSection({ changes }: SummaryFacts): string[] {
  if (changes.length === 0) return [];
  return [
    "## What changed",
    "",
    ...table(
      ["time (UTC)", "what"],
      changes.slice(-MOST_ROWS).map((one) => [timeText(one.time), changeText(one)]),
    ),
  ];
}

function lossSection({ gaps }: SummaryFacts): string[] {
  if (gaps.length === 0)
    return ["## What is missing", "", "No loss of events is known in this range."];
  const lost = gaps.reduce((sum, { count }) => sum + count, 0);
  return [
    "## What is missing",
    "",
    `${countText(lost)} events were lost; flows of these times may be missing.`,
    "",
    ...table(
      ["time (UTC)", "node", "cause", "events"],
      gaps
        .slice(0, MOST_ROWS)
        .map((gap) => [
          timeText(gap.from ?? gap.time),
          code(gap.node),
          md(gap.cause),
          gap.count === 0 ? "unknown" : countText(gap.count),
        ]),
    ),
  ];
}

function dnsSection({ dns }: SummaryFacts): string[] {
  if (dns.length === 0) return [];
  return [
    "## Name lookups",
    "",
    ...dns
      .slice(0, MOST_ROWS)
      .map((one) => `- ${md(one.rule)} (${md(one.severity)}): ${md(one.sentence)}`),
  ];
}

function auditSection({ audit }: SummaryFacts): string[] {
  if (audit.length === 0) return [];
  return [
    "## Passed although policies deny it",
    "",
    ...audit.slice(0, MOST_ROWS).map((one) => `- ${md(one.sentence)}`),
  ];
}

function useSection({ version }: SummaryFacts): string[] {
  return [
    "## This archive",
    "",
    "- `dropscope incident open FILE` shows it in the dashboard, without a cluster.",
    "- `unzip -p FILE flows.jsonl | hubble observe --input-file -` prints its flows.",
    "- `policies/` holds every version of the policies of that time.",
    "",
    `Made by dropscope ${md(version)}.`,
  ];
}

function peerText({ kind, namespace, name }: Peer): string {
  const shown = name === "" ? kind : name;
  return namespace === "" ? shown : `${namespace}/${shown}`;
}

const portText = ({ protocol, port }: BundledProblem): string =>
  port === 0 ? (protocol === "" ? "" : ` ${protocol}`) : `:${port} ${protocol}`;

function policyText(one: { kind: string; namespace: string; name: string }): string {
  return `${one.kind} ${one.namespace === "" ? "" : `${one.namespace}/`}${one.name}`;
}

const changeText = (one: ChangeMark): string =>
  `${code(policyText(one))} was ${one.action} at ${timeText(one.time)} UTC`;

const timeText = (time: string): string => time.slice(0, 19).replace("T", " ");
