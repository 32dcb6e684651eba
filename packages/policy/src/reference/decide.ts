import type { Decision } from "../decision.js";
import { isDenial } from "../decision.js";
import type { Connection } from "../endpoint.js";
import type { MatchContext } from "../match/context.js";
import type { Policy } from "../policy.js";
import { decideSide } from "./side.js";

/**
 * Judges a new connection by walking every policy, rule, peer and port: no index,
 * nothing remembered. It is what the fast engine is measured against.
 */
export function decide(
  connection: Connection,
  policies: readonly Policy[],
  context: MatchContext,
): Decision {
  const egress = decideSide("egress", connection, policies, context);
  const ingress = decideSide("ingress", connection, policies, context);
  const denied = isDenial(egress.outcome) || isDenial(ingress.outcome);
  return { allowed: !denied || context.profile.audit, egress, ingress };
}
