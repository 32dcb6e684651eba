import type { AuditFinding } from "./audit-finding.js";
import type {
  ChangeMark,
  DropExplanation,
  DropOutcome,
  FailedClause,
  PolicyName,
} from "./explanation.js";
import type { DnsFinding } from "./dns-finding.js";
import type { Peer } from "./live.js";
import type { Problem } from "./problem.js";
import { mayStartIn, type Viewer } from "./viewer.js";

// What a viewer may see of what the correlator says; the same rules as `cutFlow`. A sentence is
// made of names of both ends, so where one end or one policy is hidden it is written anew.

/** Namespaces of the two ends; empty for the world, a node or an entity. */
export interface EndNamespaces {
  readonly source: string;
  readonly destination: string;
}

/** `undefined` when neither end lies in a namespace of the viewer. */
export function cutExplanation(
  explanation: DropExplanation,
  ends: EndNamespaces,
  viewer: Viewer,
): DropExplanation | undefined {
  if (!seesAnEnd(ends, viewer)) return undefined;
  const hidesEnd = [ends.source, ends.destination].some((end) => !sees(end, viewer));
  return cut(explanation, ends, viewer, hidesEnd);
}

function cut(
  explanation: DropExplanation,
  ends: EndNamespaces,
  viewer: Viewer,
  hidesEnd: boolean,
): DropExplanation {
  const hidesL7 = !viewer.seesL7 && explanation.outcome === "l7-denied";
  const selecting = explanation.selecting.filter((policy) => sees(policy.namespace, viewer));
  const denying = explanation.denying.filter((policy) => sees(policy.namespace, viewer));
  const places = explanation.places.filter(({ policy }) => sees(policy.namespace, viewer));
  const { nearest } = explanation;
  const seesNearest = nearest !== null && sees(namespaceOfText(nearest.policy), viewer);
  const change = cutChange(explanation.change, viewer);
  const isWhole =
    !hidesEnd &&
    !hidesL7 &&
    selecting.length === explanation.selecting.length &&
    denying.length === explanation.denying.length &&
    places.length === explanation.places.length &&
    seesNearest === (nearest !== null) &&
    change === explanation.change;
  if (isWhole) return explanation;
  return {
    ...explanation,
    selecting,
    denying,
    places,
    change,
    // What was wanted stands in a policy that the viewer sees; what was got tells of the other end.
    nearest: seesNearest
      ? {
          ...nearest,
          failed: nearest.failed.map((clause) => cutClause(clause, hidesEnd, hidesL7)),
        }
      : null,
    sentence: plainSentence(explanation, ends, selecting),
    next: ASK,
  };
}

function cutClause(
  { part, wanted, got }: FailedClause,
  hidesEnd: boolean,
  hidesL7: boolean,
): FailedClause {
  const hides = hidesL7 && part === "l7";
  return { part, wanted: hides ? "" : wanted, got: hides || hidesEnd ? "" : got };
}

/** `undefined` when neither end lies in a namespace of the viewer. */
export function cutProblem(problem: Problem, viewer: Viewer): Problem | undefined {
  if (viewer.namespaces === "all" && viewer.seesL7) return problem;
  const { source, destination } = problem;
  const ends = { source: source.namespace, destination: destination.namespace };
  if (!seesAnEnd(ends, viewer)) return undefined;
  const seesSource = sees(source.namespace, viewer);
  const seesDestination = sees(destination.namespace, viewer);
  // Folded ends lie in many namespaces, and which ones is not known any more.
  const seesAll = viewer.namespaces === "all";
  const hidesEnd = !seesSource || !seesDestination || (!seesAll && isMixed(problem));
  const explanation = cut(problem.explanation, ends, viewer, hidesEnd);
  const seesPods = source.namespace === "" ? seesDestination : seesSource;
  const seesPeers = seesAll || (seesSource && seesDestination && !isMixed(problem));
  return {
    ...problem,
    explanation,
    source: cutPeer(source, viewer),
    destination: cutPeer(destination, viewer),
    policies: problem.policies.filter((policy) => sees(policy.namespace, viewer)),
    change: cutChange(problem.change, viewer),
    pods: seesPods ? problem.pods : [],
    podCount: seesPods ? problem.podCount : 0,
    peers: seesPeers ? problem.peers : [],
    peerCount: seesPeers ? problem.peerCount : 0,
  };
}

/** `undefined` when neither the client nor the resolver lies in a namespace of the viewer, or the viewer sees no DNS. */
export function cutDnsFinding(finding: DnsFinding, viewer: Viewer): DnsFinding | undefined {
  const { client, server } = finding;
  const ends = { source: client.namespace, destination: server.namespace };
  if (!seesAnEnd(ends, viewer)) return undefined;
  const policies = finding.policies.filter((policy) => sees(policy.namespace, viewer));
  const isWhole =
    viewer.seesL7 &&
    sees(client.namespace, viewer) &&
    // Everybody uses the resolver: that it is one is no secret of its namespace.
    policies.length === finding.policies.length;
  if (isWhole) return finding;
  return {
    ...finding,
    client: cutPeer(client, viewer),
    policies,
    query: viewer.seesL7 && sees(client.namespace, viewer) ? finding.query : "",
    sentence: `Name lookups from ${client.namespace || "outside any namespace"} are affected (${finding.rule}); the details lie outside what you may see.`,
    next: ASK,
  };
}

/** `undefined` when neither end lies in a namespace of the viewer. */
export function cutAuditFinding(finding: AuditFinding, viewer: Viewer): AuditFinding | undefined {
  const { subject, peer, policies, allowedBy, change } = finding;
  if (!seesAnEnd({ source: subject.namespace, destination: peer.namespace }, viewer))
    return undefined;
  const seen = (names: readonly PolicyName[]): PolicyName[] =>
    names.filter(({ namespace }) => sees(namespace, viewer));
  const isWhole =
    sees(subject.namespace, viewer) &&
    sees(peer.namespace, viewer) &&
    [...policies, ...allowedBy].every(({ namespace }) => sees(namespace, viewer)) &&
    cutChange(change, viewer) === change;
  if (isWhole) return finding;
  return {
    ...finding,
    subject: cutPeer(subject, viewer),
    peer: cutPeer(peer, viewer),
    policies: seen(policies),
    allowedBy: seen(allowedBy),
    change: cutChange(change, viewer),
    sentence: `Traffic between ${subject.namespace || "outside any namespace"} and ${peer.namespace || "outside any namespace"} passed although policies deny it; the details lie outside what you may see.`,
    next: ASK,
  };
}

const ASK = "Ask somebody who may see both namespaces.";

const isMixed = ({ folded }: Problem): boolean =>
  folded === "peers" || folded === "workloads" || folded === "everything";

function seesAnEnd({ source, destination }: EndNamespaces, viewer: Viewer): boolean {
  if (viewer.namespaces === "all") return true;
  return [source, destination].some((end) => end !== "" && mayStartIn(viewer, end));
}

function sees(namespace: string, viewer: Viewer): boolean {
  return namespace === "" || mayStartIn(viewer, namespace);
}

const namespaceOfText = (policy: string): string =>
  policy.slice(0, Math.max(0, policy.indexOf("/")));

function cutPeer(peer: Peer, viewer: Viewer): Peer {
  if (sees(peer.namespace, viewer)) return peer;
  return { kind: "unknown", namespace: peer.namespace, name: "" };
}

function cutChange(change: ChangeMark | null, viewer: Viewer): ChangeMark | null {
  if (change === null) return null;
  const namespace = change.what === "namespace" ? change.name : change.namespace;
  return sees(namespace, viewer) ? change : null;
}

const CAUSES: Readonly<Record<DropOutcome, string>> = {
  "default-deny": "deny is the default and no rule allowed it",
  "denied-by-rule": "a rule denied it",
  "l7-denied": "no rule allowed the request",
  "auth-required": "both ends must be authenticated first",
  "not-policy": "no policy decided it",
  "policy-changed": "a policy or label was changing at that moment",
  unexplained: "what is known does not explain it",
};

function plainSentence(
  { outcome, audited }: DropExplanation,
  { source, destination }: EndNamespaces,
  selecting: readonly PolicyName[],
): string {
  const end = (namespace: string): string => namespace || "outside any namespace";
  const what = audited ? "passed in audit mode and would have been dropped" : "was dropped";
  const names = selecting.map(({ namespace, name }) => (namespace ? `${namespace}/${name}` : name));
  const by = names.length === 0 ? "" : ` (${names.slice(0, 3).join(", ")})`;
  return `A packet from ${end(source)} to ${end(destination)} ${what}: ${CAUSES[outcome]}${by}; the rest lies outside what you may see.`;
}
