import type { Direction } from "../../policy.js";
import type { Reason } from "./reasons.js";

/**
 * A reason as netpol-analyzer says it.
 * @param subject the end that the policies select
 * @param other the end that their rules are about
 */
export function reasonText(
  reason: Reason,
  direction: Direction,
  subject: string,
  other: string,
): string {
  const word = direction === "ingress" ? "Ingress" : "Egress";
  if (reason.class === "system-default") return "the system default (Allow all)";
  const { policy } = reason;
  const name = policy.namespace === "" ? policy.name : `${policy.namespace}/${policy.name}`;
  const title = `${policy.kind} '${name}'`;
  switch (reason.class) {
    case "allowed":
      return `${title} allows connections by ${ruleTitle(reason.rule, word)}`;
    case "denied":
      return `${title} denies connections by ${ruleTitle(reason.rule, word)}`;
    case "passed":
      return `${title} passes connections by ${ruleTitle(reason.rule, word)}`;
    case "not-selected":
      return `${title} selects ${subject}, but ${other} is not allowed by any ${word} rule${reason.withoutRules ? " (no rules defined)" : ""}`;
    case "ports-differ":
      return `${title} selects ${subject}, and ${ruleTitle(reason.rule, word)} selects ${other}, but the protocols and ports do not match`;
    case "names-unmatched":
      return `${title} selects ${subject}, and ${ruleTitle(reason.rule, word)} selects ${other}, but named ports of the rule have no match in the configuration of the destination peer`;
  }
}

/** Rules of the ordered tiers go by their names, the others by their number, from 1. */
function ruleTitle({ name, index }: { name?: string; index: number }, word: string): string {
  return `${word} rule ${name === undefined || name === "" ? `#${index + 1}` : name}`;
}
