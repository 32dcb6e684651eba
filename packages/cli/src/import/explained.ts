import type { ImportSummary } from "@dropscope/ingester";
import type { DropOutcome } from "@dropscope/model";
import type { ExplainedCounts } from "@dropscope/store";
import { countText } from "./units.js";

export interface ExplainedImport {
  readonly counts: ExplainedCounts;
  readonly summary: Pick<ImportSummary, "repeated">;
  /** First and last moment of the flows, ns since 1970. */
  readonly span: { readonly minNs: bigint; readonly maxNs: bigint } | undefined;
  /** Of the dashboard that runs on the store. */
  readonly url?: string;
}

const WORDS: Readonly<Record<DropOutcome, string>> = {
  "default-deny": "by default deny",
  "denied-by-rule": "by a deny rule",
  "l7-denied": "by rules of layer 7",
  "auth-required": "for want of authentication",
  "policy-changed": "by a policy change in flight",
  unexplained: "unexplained",
  "not-policy": "by no policy",
};

const MINUTE_MS = 60_000n;

/** What an import with policies found, for people. No line ends in a line break. */
export function explainedReport({ counts, summary, span, url }: ExplainedImport): string[] {
  const { outcomes, problems } = counts;
  const all = outcomes.reduce((sum, [, flows]) => sum + flows, 0);
  const lines: string[] = [];
  if (summary.repeated > 0)
    lines.push(
      `${countText(summary.repeated)} flows were in the store before: what was said of them stays as it is`,
    );
  if (all === 0)
    return [...lines, "nothing new was dropped or audited, so there is nothing to explain"];
  const by = outcomes.map(([outcome, flows]) => `${countText(flows)} ${WORDS[outcome]}`);
  lines.push(`${countText(all)} drops explained: ${by.join(", ")}`);
  const found = problems.length === 1 ? "1 problem" : `${countText(problems.length)} problems`;
  lines.push(`${found}: ${whereText(span, url)}`);
  return lines;
}

/** Where they are seen: problems of the time of the flows, since by now they are over. */
function whereText(span: ExplainedImport["span"], url: string | undefined): string {
  const query = new URLSearchParams({ place: "problems" });
  if (span !== undefined) {
    const [from, to] = [span.minNs / 1_000_000n, span.maxNs / 1_000_000n];
    query.set("from", String(from - (from % MINUTE_MS)));
    query.set("to", String(to - (to % MINUTE_MS) + MINUTE_MS));
  }
  return url === undefined
    ? `\`dropscope serve\` shows them at its address with /?${query.toString()}`
    : `${url}/?${query.toString()}`;
}
