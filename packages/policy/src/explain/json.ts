import type { RuleRef, SideDecision } from "../decision.js";
import type { Connection, Endpoint } from "../endpoint.js";
import type { Place } from "../place.js";
import type { Policy } from "../policy.js";
import type {
  DecisionExplanation,
  Failure,
  Hint,
  RuleAccount,
  SideExplanation,
} from "./explanation.js";
import { gotText, nearOf, wantedText } from "./failure-text.js";
import { sentence } from "./sentence.js";

/** An explanation as plain JSON, with every wanted and got in words. The shape is stable: fields are only added. */
export type ExplanationJson = ReturnType<typeof explanationJson>;

export function explanationJson(explanation: DecisionExplanation) {
  const { connection, decision } = explanation;
  const { from, to, protocol, port } = connection;
  return {
    from: endJson(from),
    to: endJson(to),
    protocol,
    port,
    allowed: decision.allowed,
    sentence: sentence(explanation),
    egress: sideJson(explanation.egress, decision.egress, connection),
    ingress: sideJson(explanation.ingress, decision.ingress, connection),
  };
}

const endJson = ({ kind, name, namespace, addresses, labels }: Endpoint) => ({
  kind,
  name,
  ...(namespace === "" ? {} : { namespace }),
  labels: labels.texts,
  addresses,
});

function sideJson(side: SideExplanation, decided: SideDecision, connection: Connection) {
  const { outcome, endpoint, peer, policies, by, nearest, hints, direction } = side;
  const { derived, authentication, tier } = decided;
  return {
    outcome,
    endpoint: endpoint.name,
    ...(derived === undefined ? {} : { derived }),
    ...(authentication === undefined ? {} : { authentication }),
    ...(tier === undefined ? {} : { tier }),
    by: by.map(refJson),
    ...(nearest === undefined ? {} : { nearest: ruleJson(nearest, peer, connection) }),
    hints: hints.map(hintJson),
    policies: policies.map(({ policy, isolates, inert, rules }) => ({
      policy: policyJson(policy),
      direction,
      isolates,
      inert,
      place: placeJson(policy.place),
      rules: rules.map((account) => ruleJson(account, peer, connection)),
    })),
  };
}

const policyJson = ({ kind, namespace, name, tier }: Policy) => ({
  kind,
  ...(namespace === "" ? {} : { namespace }),
  name,
  tier,
});

const refJson = ({ policy, rule }: RuleRef) => ({
  policy: policyJson(policy),
  section: rule.section,
  index: rule.index,
  ...(rule.name === undefined ? {} : { name: rule.name }),
  action: rule.action,
  place: placeJson(rule.place),
});

const ruleJson = (account: RuleAccount, peer: Endpoint, connection: Connection) => ({
  ...refJson(account),
  matches: account.matches,
  peersMatch: account.peersMatch,
  portsMatch: account.portsMatch,
  failures: account.failures.map((failure) => failureJson(failure, peer, connection)),
});

function failureJson(failure: Failure, peer: Endpoint, connection: Connection) {
  const near = nearOf(failure, peer);
  return {
    dimension: failure.dimension,
    ...("reason" in failure ? { reason: failure.reason } : {}),
    wanted: wantedText(failure),
    got: gotText(failure, peer, connection),
    ...(near === undefined ? {} : { near }),
    place: placeJson(failure.place),
  };
}

const hintJson = ({ code, text, policy, place }: Hint) => ({
  code,
  text,
  ...(policy === undefined ? {} : { policy: policyJson(policy) }),
  ...(place === undefined ? {} : { place: placeJson(place) }),
});

const placeJson = ({ file, line, column, path }: Place) => ({ file, line, column, path });
