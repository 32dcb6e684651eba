// Judges with both evaluators: the one that walks everything, whose answer counts, and the
// indexed one, which must agree with it down to the rules that decided.
import { createEngine, decide } from "@dropscope/policy";

/** `judge(connection, name)`: the decision; where the evaluators differ, `name` fails too. */
export function createJudge(policies, context, report) {
  const { profile, cidrGroups, services } = context;
  const engine = createEngine({ profile, cidrGroups, services, maxCached: 4096 });
  for (const [key, specs] of byObject(policies)) engine.setPolicies(key, specs);
  return (connection, name) => {
    const decision = decide(connection, policies, context);
    const indexed = engine.decide(connection);
    if (!sameDecision(decision, indexed))
      report.fail(`${name}: the evaluators differ`, brief(decision), brief(indexed));
    return decision;
  };
}

/** The specs of one object are set together. */
function byObject(policies) {
  const objects = new Map();
  for (const policy of policies) {
    const key = `${policy.kind}/${policy.namespace}/${policy.name}`;
    objects.set(key, [...(objects.get(key) ?? []), policy]);
  }
  return objects;
}

function sameDecision(a, b) {
  return a.allowed === b.allowed && sameSide(a.ingress, b.ingress) && sameSide(a.egress, b.egress);
}

function sameSide(a, b) {
  return (
    a.outcome === b.outcome &&
    a.derived === b.derived &&
    a.authentication === b.authentication &&
    a.tier === b.tier &&
    sameRules(a.by, b.by) &&
    sameRules(a.alsoNamed ?? [], b.alsoNamed ?? [])
  );
}

function sameRules(a, b) {
  return (
    a.length === b.length &&
    a.every(({ policy, rule }, i) => policy === b[i].policy && rule === b[i].rule)
  );
}

function brief({ allowed, ingress, egress }) {
  const side = ({ outcome, by, derived, authentication, tier }) => ({
    outcome,
    derived,
    authentication,
    tier,
    by: by.map(({ policy, rule }) => `${policy.kind}/${policy.name} ${rule.place.path}`),
  });
  return { allowed, ingress: side(ingress), egress: side(egress) };
}
