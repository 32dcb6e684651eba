import { catalogObjects } from "@dropscope/correlator";
import {
  DROP_REASONS,
  dropReasonNumber,
  enumNumber,
  type ObservedEdge,
  type Peer,
  type ReplayAnswer,
  type ReplayGroup,
} from "@dropscope/model";
import { explain, type Manifests, matchContext, type Profile, sentence } from "@dropscope/policy";
import {
  candidateOf,
  clusterOfObjects,
  connectionOfEdge,
  inferObjects,
  isPolicyObject,
  objectKey,
  replay,
  toldOf,
  type TuningCluster,
  withPolicies,
} from "@dropscope/tuning";
import { evidenceText, plural } from "../tuning/evidence-text.js";
import type { SeenTraffic } from "./bundle.js";
import type { ReplayFailure, TestCase } from "./report.js";

/** Drops that a policy is the reason of. */
const BY_POLICY: ReadonlySet<number | undefined> = new Set(
  ["POLICY_DENIED", "POLICY_DENY"].map((name) => enumNumber(DROP_REASONS, name)),
);

/**
 * Traffic that was seen, judged by the policies of manifests. What was in force then is not asked for: what passed
 * passed. A case for each group of connections that would fare otherwise, and one for what was looked at.
 * @param file as the cases name it
 */
export function replayCases(
  file: string,
  { traffic, objects }: SeenTraffic,
  manifests: Manifests,
  profile: Profile,
  failOn: ReadonlySet<ReplayFailure>,
): TestCase[] {
  const own = catalogObjects(manifests).filter((object) => !isPolicyObject(object));
  const known = [...own, ...without(objects, own)];
  const cluster = clusterOfObjects([...known, ...inferObjects(traffic.edges, known)], {
    at: Number(traffic.untilNs / 1_000_000n),
    profile,
  });
  const answer = replay(cluster, traffic, candidateOf(manifests));
  const denied = answer.groups.filter(
    ({ change, seen }) => change === "newly-denied" && seen.forwarded > 0,
  );
  const allowed = newlyAllowed(traffic.edges, withPolicies(cluster, { set: manifests.policies }));
  return [
    {
      name: "what was seen",
      file,
      line: 0,
      state: "passed",
      says: evidenceText(answer.evidence),
    },
    ...denied.map((group) => deniedCase(file, group, failOn.has("newly-denied"))),
    ...allowed.map(({ edge, says }) => allowedCase(file, edge, says, failOn.has("newly-allowed"))),
    ...unknownCases(file, answer, failOn.has("unknown")),
  ];
}

/** Objects of the past that the manifests do not say anew; policies are those of the manifests alone. */
function without(
  objects: SeenTraffic["objects"],
  own: SeenTraffic["objects"],
): SeenTraffic["objects"] {
  const said = new Set(own.map(objectKey));
  return objects.filter((object) => !isPolicyObject(object) && !said.has(objectKey(object)));
}

function deniedCase(file: string, group: ReplayGroup, fails: boolean): TestCase {
  const { client, server, protocol, port, flows, pods, lastSeen, says } = group;
  return {
    name: `${connectionName(client, server, protocol, port)} still passes`,
    file,
    line: 0,
    state: fails ? "failed" : "skipped",
    says: [
      says,
      `seen ${plural(flows, "time")} from ${plural(pods, "pod")}, last at ${new Date(lastSeen).toISOString()}`,
    ],
  };
}

interface NewlyAllowed {
  readonly edge: ObservedEdge;
  readonly says: string;
}

/** What policies dropped then, and these would let through. */
function newlyAllowed(edges: readonly ObservedEdge[], cluster: TuningCluster): NewlyAllowed[] {
  const profile = { ...cluster.profile, audit: false };
  const context = matchContext(profile, cluster.view.context());
  return edges.flatMap((edge) => {
    const reason = dropReasonNumber(edge.flow);
    if (edge.outcome !== "dropped" || !BY_POLICY.has(reason)) return [];
    const told = connectionOfEdge(edge, cluster.moment);
    if (!told.known) return [];
    const explanation = explain(told.connection, cluster.policies, context);
    return explanation.decision.allowed ? [{ edge, says: sentence(explanation) }] : [];
  });
}

function allowedCase(file: string, edge: ObservedEdge, says: string, fails: boolean): TestCase {
  const { client, server, protocol, port, flows } = toldOf(edge);
  return {
    name: `${connectionName(client, server, protocol, port)}, which was denied`,
    file,
    line: 0,
    // It may be what the change is for.
    state: fails ? "failed" : "passed",
    says: [says, `dropped by a policy ${plural(flows, "time")}`],
  };
}

/** What nobody can judge is no success. */
function unknownCases(
  file: string,
  { evidence, counts }: ReplayAnswer,
  fails: boolean,
): TestCase[] {
  const { unknown, left, gaps } = evidence;
  if (counts.unknown.flows === 0 && left === 0 && gaps.length === 0) return [];
  return [
    {
      name: "everything that was seen can be judged",
      file,
      line: 0,
      state: fails ? "failed" : "skipped",
      says: [
        ...unknown.map(
          ({ why, edges, flows }) =>
            `${plural(edges, "connection")} of ${plural(flows, "flow")}: ${why}`,
        ),
        ...(left === 0 ? [] : [`${plural(left, "connection")} beyond what is looked at`]),
        ...(gaps.length === 0 ? [] : [`${plural(gaps.length, "gap")} in what was observed`]),
      ],
    },
  ];
}

function connectionName(client: Peer, server: Peer, protocol: string, port: number): string {
  return `${peerName(client)} to ${peerName(server)} on ${protocol} ${port}`;
}

const peerName = ({ namespace, name }: Peer): string =>
  namespace === "" ? name : `${namespace}/${name}`;
