import type { LeftOut, Peer, SuggestedPolicy, SuggestionAnswer } from "@dropscope/model";
import { seenText } from "@dropscope/tuning";
import { shown } from "../observe/paint.js";
import { evidenceText, plural } from "./evidence-text.js";

/** Connections that are left out and printed; `-o json` has more. */
const MOST_LEFT_OUT = 20;

/** What a suggestion rests on, rule by rule, and what it leaves out. */
export function suggestionText(answer: SuggestionAnswer): string {
  const { policies, evidence } = answer;
  const lines = [
    ...evidenceText(evidence),
    ...policies.flatMap(policyText),
    ...leftOutText(answer),
    ...remarkText(answer),
  ];
  return `${lines.map(shown).join("\n")}\n`;
}

/** For beside the YAML: what it rests on in short, and what somebody should know. */
export function suggestionNote(answer: SuggestionAnswer): string {
  const { policies, evidence, leftOut, leftOutMore } = answer;
  const rules = policies.reduce((sum, one) => sum + one.rules.length, 0);
  const low = policies.flatMap((one) => one.rules).filter((one) => one.confidence === "low").length;
  const left = leftOut.length + leftOutMore;
  const lines = [
    ...evidenceText(evidence),
    `proposed ${policies.length === 1 ? "1 policy" : `${policies.length} policies`} with ${plural(rules, "rule")}${low === 0 ? "" : `, ${low} of low confidence`}`,
    ...(left === 0
      ? []
      : [`left out ${plural(left, "connection")}: -o text tells them, --include allows them`]),
    ...remarkText(answer),
  ];
  return `${lines.map(shown).join("\n")}\n`;
}

function policyText({ policy, subject, rules }: SuggestedPolicy): string[] {
  const { kind, namespace, name } = policy;
  return [
    "",
    `${kind} ${namespace}/${name}: ${subject}`,
    ...(rules.length === 0 ? ["  denies what no other policy allows"] : []),
    ...rules.flatMap((rule) => [
      `  ${rule.path}  ${rule.says}`,
      `    ${seenText(rule)} ${rule.why}`,
    ]),
  ];
}

function leftOutText({ leftOut, leftOutMore }: SuggestionAnswer): string[] {
  if (leftOut.length === 0) return [];
  const more = leftOutMore + Math.max(0, leftOut.length - MOST_LEFT_OUT);
  return [
    "",
    "left out, to be allowed with --include ID:",
    ...leftOut.slice(0, MOST_LEFT_OUT).map(leftOutLine),
    ...(more === 0 ? [] : [`  and ${more} more`]),
  ];
}

function leftOutLine({ edge, why, says }: LeftOut): string {
  const { id, client, server, protocol, port, flows } = edge;
  const ends = `${peerText(client)} → ${peerText(server)}`;
  return `  ${id}  ${why.padEnd(8)}  ${ends} ${protocol} ${port}, ${plural(flows, "flow")}: ${says}`;
}

function peerText({ namespace, name, kind }: Peer): string {
  const text = name === "" ? kind : name;
  return namespace === "" ? text : `${namespace}/${text}`;
}

function remarkText({ remarks }: SuggestionAnswer): string[] {
  return remarks.length === 0 ? [] : ["", ...remarks.map((one) => `note: ${one}`)];
}
