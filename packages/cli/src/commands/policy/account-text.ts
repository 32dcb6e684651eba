import {
  type DecisionExplanation,
  gotText,
  type Outcome,
  type PolicyAccount,
  type RuleAccount,
  ruleScopeText,
  sentence,
  type SideExplanation,
  wantedText,
} from "@dropscope/policy";
import { shown } from "../../observe/paint.js";

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  allowed: "allowed",
  redirected: "allowed, through the L7 proxy",
  denied: "denied by a rule",
  "default-denied": "denied by default: no rule allows it",
  "not-enforced": "not restricted: no policy selects it in this direction",
  "no-endpoint": "not judged: policies do not select this end",
};

/** The whole account of one connection: the sentence, then both ends with their policies and rules. */
export function accountText(explanation: DecisionExplanation): string {
  const { egress, ingress } = explanation;
  const side = (one: SideExplanation): string[] => [
    "",
    `${one.direction} of ${one.endpoint.name}: ${OUTCOMES[one.outcome]}`,
    ...one.policies.flatMap((policy) => policyLines(policy, one, explanation)),
    ...one.hints.map(({ text }) => `  hint: ${text}`),
  ];
  const lines = [sentence(explanation), ...side(egress), ...side(ingress)];
  return lines.map(shown).join("\n");
}

function policyLines(
  { policy, isolates, inert, rules }: PolicyAccount,
  side: SideExplanation,
  explanation: DecisionExplanation,
): string[] {
  const { kind, namespace, name, place, tier } = policy;
  const full = namespace === "" ? name : `${namespace}/${name}`;
  const facts = [
    ...(tier === "normal" ? [] : [`${tier} tier, priority ${policy.priority}`]),
    isolates ? `makes deny the default for ${side.direction}` : `does not make deny the default`,
    ...(inert ? ["its rules of this direction are inert: policyTypes leave it out"] : []),
    ...(rules.length === 0 ? [`no rule of ${side.direction}`] : []),
  ];
  return [
    `  ${kind} ${full} (${place.file}:${place.line}) ${facts.join("; ")}`,
    ...rules.flatMap((rule) => ruleLines(rule, side, explanation)),
  ];
}

function ruleLines(
  account: RuleAccount,
  side: SideExplanation,
  { connection }: DecisionExplanation,
): string[] {
  const { rule, matches, failures } = account;
  const decides = side.by.some((ref) => ref.rule === rule);
  const mark = decides ? " ← decides" : account === side.nearest ? " ← nearest" : "";
  const verb = { allow: "allows", deny: "denies", pass: "passes" }[rule.action];
  const { path, file, line } = rule.place;
  return [
    `    ${path} (${file}:${line}) ${verb} ${ruleScopeText(rule)}: ${matches ? "matches" : "does not match"}${mark}`,
    ...failures.map(
      (failure) =>
        `      ${failure.dimension}: wants ${wantedText(failure)}, got ${gotText(failure, side.peer, connection)}`,
    ),
  ];
}
