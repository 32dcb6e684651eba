import type { RulesAnswer, RuleUse } from "@dropscope/model";
import { shown } from "../observe/paint.js";
import { evidenceText, minute, plural } from "./evidence-text.js";

/** Rules by policy, each with what used it and what looks wrong; what it rests on comes first. */
export function rulesText({ evidence, rules, more }: RulesAnswer): string {
  const lines = [...evidenceText(evidence)];
  let policy = "";
  for (const rule of rules) {
    const name = nameOf(rule);
    if (name !== policy) lines.push("", name);
    policy = name;
    lines.push(...ruleLines(rule));
  }
  if (rules.length === 0) lines.push("", "no rule");
  if (more > 0) lines.push("", `${plural(more, "further rule")} not shown`);
  return `${lines.map(shown).join("\n")}\n`;
}

function ruleLines(rule: RuleUse): string[] {
  const { path, line, says, findings } = rule;
  return [
    `  ${path}${line === 0 ? "" : ` (line ${line})`}  ${says}`,
    `    ${useText(rule)}`,
    ...findings.flatMap(({ kind, says: what, yaml }) =>
      [`    ${kind}: ${what}`].concat(yaml === "" ? [] : ["    narrower:", ...indented(yaml)]),
    ),
  ];
}

function useText({ flows, edges, firstSeen, lastSeen, attributed, trend }: RuleUse): string {
  if (firstSeen === null || lastSeen === null) return "unused";
  const { hubble, evaluated } = attributed;
  const known =
    hubble === 0
      ? "by evaluation"
      : evaluated === 0
        ? "named by Hubble"
        : `${plural(hubble, "flow")} named by Hubble`;
  return `${plural(flows, "flow")} on ${plural(edges, "connection")}, ${minute(firstSeen)} to ${minute(lastSeen)} (${known})  ${sparkline(trend)}`;
}

const BARS = "▁▂▃▄▅▆▇█";
/** Columns of a trend on a terminal. */
const WIDTH = 28;

/** The trend in a few characters; nothing is a space, so that little is told from nothing. */
export function sparkline(trend: readonly number[]): string {
  const size = Math.ceil(trend.length / WIDTH) || 1;
  const sums = Array.from({ length: Math.ceil(trend.length / size) }, (_, index) =>
    trend.slice(index * size, (index + 1) * size).reduce((sum, one) => sum + one, 0),
  );
  const most = Math.max(...sums, 1);
  return sums
    .map((sum) => (sum === 0 ? " " : (BARS[Math.ceil((sum / most) * BARS.length) - 1] ?? "█")))
    .join("")
    .trimEnd();
}

function indented(yaml: string): string[] {
  return yaml
    .trimEnd()
    .split("\n")
    .map((line) => `      ${line}`);
}

function nameOf({ policy: { kind, namespace, name } }: RuleUse): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}
