import { type ChangeMark, formatTimeNs } from "@dropscope/model";
import {
  type Endpoint,
  matchContext,
  type ObjectChange,
  type Policy,
  selectsEndpoint,
} from "@dropscope/policy";
import { type DirectedCase, peerOfCase, subjectOf } from "./case.js";
import { mentions } from "./moment.js";

/** How long before a drop a change is still told beside it, ms. */
export const LOOK_BACK_MS = 15 * 60_000;

/** Changes of the catalog as an explanation asks for them. */
export interface ChangeLog {
  /** After `from` and up to `to`, in order: of everything but pods, and of the pods (`namespace/name`) that are asked for. */
  between(from: number, to: number, pods: readonly string[]): readonly ObjectChange[];
}

export function podsOf(one: DirectedCase): string[] {
  return [one.from.pod, one.to.pod].filter((pod) => pod !== "");
}

export function markOf({ at, id, before, after }: ObjectChange): ChangeMark {
  const { kind, namespace, name } = id;
  return {
    time: formatTimeNs(BigInt(Math.round(at * 1e6))),
    what: WHAT[kind] ?? "policy",
    action: before === undefined ? "added" : after === undefined ? "removed" : "changed",
    kind,
    namespace,
    name,
  };
}

const WHAT: Readonly<Record<string, ChangeMark["what"]>> = {
  Namespace: "namespace",
  Pod: "pod",
  Service: "service",
  CiliumCIDRGroup: "cidr-group",
};

/**
 * The newest change before the drop that touches what decided it: a policy that selects the
 * endpoint in this direction (before or after the change), labels of either end or of its
 * namespace, a group of addresses that a selecting policy refers to. A pod that is merely new
 * counts only where there is nothing else. It is told beside the cause; it need not be it.
 */
export function linkedChange(one: DirectedCase, log: ChangeLog): ChangeMark | null {
  if (!one.timed) return null;
  const { time } = one.moment;
  const changes = log.between(time - LOOK_BACK_MS, time, podsOf(one)).toReversed();
  const touching =
    changes.find((change) => touches(change, one)) ??
    changes.find(({ id, before }) => id.kind === "Pod" && before === undefined);
  return touching === undefined ? null : markOf(touching);
}

/** Whether what changed has a say in the case. */
export function touches(change: ObjectChange, one: DirectedCase): boolean {
  const { id, before, after } = change;
  const { endpoint } = subjectOf(one);
  switch (id.kind) {
    case "Namespace":
      return (
        [endpoint, peerOfCase(one).endpoint].some(({ namespace }) => namespace === id.name) &&
        labelsDiffer(change)
      );
    case "Pod":
      return before !== undefined && after !== undefined && labelsDiffer(change);
    case "Node":
      return false;
    case "Service":
      return selecting(one).some((policy) => refersTo(policy, "service"));
    case "CiliumCIDRGroup":
      return selecting(one).some((policy) => refersTo(policy, "cidr-group"));
    default:
      return policiesOf(change).some((policy) => concerns(policy, endpoint, one));
  }
}

/** Both versions of a policy object: what is gone explains as much as what came. */
function policiesOf({ before, after }: ObjectChange): Policy[] {
  return [before, after].flatMap((version) =>
    version !== undefined && Array.isArray(version.object.value)
      ? (version.object.value as readonly Policy[])
      : [],
  );
}

function concerns(
  policy: Policy,
  endpoint: Endpoint,
  { direction, moment }: DirectedCase,
): boolean {
  if (!mentions(policy, direction)) return false;
  const subject = endpoint.kind === "pod" ? { ...endpoint, local: true } : endpoint;
  return selectsEndpoint(policy, subject, matchContext(moment.profile));
}

function labelsDiffer({ before, after }: ObjectChange): boolean {
  return JSON.stringify(labelsOf(before)) !== JSON.stringify(labelsOf(after));
}

function labelsOf(version: ObjectChange["before"]): [string, string][] {
  const value = version?.object.value;
  if (value === undefined || !("labels" in value)) return [];
  return Object.entries(value.labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

function selecting(one: DirectedCase): readonly Policy[] {
  return one.moment.selecting(subjectOf(one).endpoint, one.direction);
}

function refersTo(policy: Policy, of: "service" | "cidr-group"): boolean {
  return policy.rules.some(({ peers }) => peers !== "any" && peers.some((peer) => peer.of === of));
}
