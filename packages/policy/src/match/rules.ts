import type { Direction, Policy, Rule } from "../policy.js";

/** The rules that count in a direction. A NetworkPolicy's rules are inert in a direction that its policyTypes leave out. */
export function rulesIn(policy: Policy, direction: Direction): readonly Rule[] {
  if (policy.kind === "NetworkPolicy" && !policy.isolates[direction]) return [];
  return policy.rules.filter((rule) => rule.direction === direction);
}

/** Whether the policy says anything about a direction of the ends that it selects. */
export function concerns(policy: Policy, direction: Direction): boolean {
  return policy.isolates[direction] || rulesIn(policy, direction).length > 0;
}
