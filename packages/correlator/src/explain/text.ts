import { cleanText, type PolicyName } from "@dropscope/model";
import {
  type DecisionExplanation,
  type Direction,
  type Place,
  type Policy,
  type RuleRef,
  sentence,
} from "@dropscope/policy";

/** More are counted, not named. */
const MAX_NAMED = 3;

/** `a`, `a and b`, `a, b and c`, `a, b, c and 2 more`. */
export function joined(texts: readonly string[], most = MAX_NAMED): string {
  if (texts.length > most)
    return `${texts.slice(0, most).join(", ")} and ${texts.length - most} more`;
  return texts.length <= 1
    ? texts.join("")
    : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}

/** `NetworkPolicy payments/db-ingress`. */
export function policyText({ kind, namespace, name }: PolicyName): string {
  const full = namespace === "" ? name : `${namespace}/${name}`;
  return kind === "" ? full : `${kind} ${full}`;
}

export function policyName({ kind, namespace, name }: Policy): PolicyName {
  return { kind, namespace, name };
}

/** `spec.ingress[0] of NetworkPolicy payments/db-ingress`. */
export function ruleText({ policy, rule }: RuleRef): string {
  return `${rule.place.path} of ${policyText(policyName(policy))}${inFile(rule.place)}`;
}

/** ` (db.yaml:12)`; nothing for an object that came from no file. */
export function inFile({ file, line }: Place): string {
  return file === "" ? "" : ` (${file}:${line})`;
}

/** Names come from strangers: nothing in them may hide or reorder what stands around. */
export const clean = (text: string): string => cleanText(text, Number.POSITIVE_INFINITY);

/**
 * Why one side denies, in the words of the policy package: from behind "may not reach … :" on.
 * The other side's denial, if any, is not part of this packet's story.
 */
export function denialText(explanation: DecisionExplanation, direction: Direction): string {
  const { connection, decision } = explanation;
  const other = direction === "egress" ? "ingress" : "egress";
  const whole = sentence({
    ...explanation,
    decision: { ...decision, allowed: false },
    [other]: { ...explanation[other], outcome: "allowed" },
  });
  const icmp = connection.protocol.startsWith("ICMP") ? "type " : "";
  const head = clean(
    `${endText(connection.from)} may not reach ${endText(connection.to)} on ${connection.protocol} ${icmp}${connection.port}: `,
  );
  const text = whole.startsWith(head) ? whole.slice(head.length) : whole;
  return text.endsWith(".") ? text.slice(0, -1) : text;
}

/** As the policy package names an end in a sentence. */
function endText({ kind, name, hostNetwork }: DecisionExplanation["connection"]["from"]): string {
  if (kind === "address") return `${name} (an address outside the cluster)`;
  return hostNetwork ? `${name} (on the host network)` : name;
}
