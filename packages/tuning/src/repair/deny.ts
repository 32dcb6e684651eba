import {
  matchesPeer,
  type MatchContext,
  type PatchOperation,
  type PatchPath,
  pathSteps,
  type RuleRef,
  selectsEndpoint,
  type SideExplanation,
} from "@dropscope/policy";
import type { Values } from "./allow.js";
import { type Candidate, ORDER, policyText } from "./candidate.js";
import type { CountedEnd } from "./ends.js";
import type { Naming } from "./naming.js";
import { record, valueAt } from "./path.js";

export interface ExceptionAsked {
  readonly side: SideExplanation;
  readonly values: Values;
  readonly context: MatchContext;
  readonly ends: readonly CountedEnd[];
  readonly naming: Naming;
}

const WARNING = "What the rule forbids was forbidden on purpose: ask who wrote it.";

/**
 * Exceptions to the first rule that denies: the entry that names the other end leaves it out, or the
 * policy leaves the pod alone. Where several rules deny, each takes one, in their order.
 */
export function exceptCandidates(asked: ExceptionAsked): Candidate[] {
  const [ref] = asked.side.by;
  if (ref === undefined || ref.policy.tier !== "normal") return [];
  return [...exceptPeer(ref, asked), ...exceptSubject(ref, asked)];
}

/** The policy is for everybody but the pod; not where it would be for nobody then. */
function exceptSubject(
  { policy, rule }: RuleRef,
  { side, values, context, ends, naming }: ExceptionAsked,
): Candidate[] {
  const label = naming.labelFor(side.endpoint);
  if (label === undefined || policy.subject.of !== "pods") return [];
  const [key, value] = label;
  const others = ends.filter(
    ({ endpoint }) =>
      selectsEndpoint(policy, endpoint, context) && endpoint.labels.value(key) !== value,
  );
  if (others.length === 0) return [];
  const path = pathSteps(policy.subject.place.path);
  const entry = valueAt(values(policy), path);
  if (typeof entry !== "object" || entry === null) return [];
  return [
    {
      kind: "exception",
      policy,
      effect: `${WARNING} The policy is then about everybody else.`,
      order: ORDER.exception + 0.5,
      operations: [notIn(path, entry, key, value)],
      title: `Leave pods with ${key}=${value} out of ${policyText(policy)} (${rule.place.path} denies it)`,
    },
  ];
}

function notIn(path: PatchPath, entry: object, key: string, value: string): PatchOperation {
  const expression = { key, operator: "NotIn", values: [value] };
  return Array.isArray(record(entry)["matchExpressions"])
    ? { op: "add", path: [...path, "matchExpressions", "-"], value: expression }
    : { op: "add", path: [...path, "matchExpressions"], value: [expression] };
}

function exceptPeer(
  { policy, rule }: RuleRef,
  { side, values, context, naming }: ExceptionAsked,
): Candidate[] {
  if (rule.peers === "any") return [];
  const peers = rule.peers.filter((peer) => matchesPeer(peer, side.peer, context));
  const [peer] = peers;
  if (peers.length !== 1 || peer === undefined) return [];
  const path = pathSteps(peer.place.path);
  const entry = valueAt(values(policy), path);
  const base = {
    kind: "exception",
    policy,
    effect: WARNING,
    order: ORDER.exception,
  } as const;
  if (peer.of === "endpoints") {
    const label = naming.labelFor(side.peer);
    if (label === undefined || typeof entry !== "object" || entry === null) return [];
    const [key, value] = label;
    return [
      {
        ...base,
        operations: [notIn(path, entry, key, value)],
        title: `Leave pods with ${key}=${value} out of ${rule.place.path}`,
      },
    ];
  }
  const [address] = side.peer.addresses;
  if (peer.of !== "cidr" || address === undefined || record(entry)["cidr"] === undefined) return [];
  const except = `${address}/${address.includes(":") ? 128 : 32}`;
  const has = Array.isArray(record(entry)["except"]);
  return [
    {
      ...base,
      operations: [
        has
          ? { op: "add", path: [...path, "except", "-"], value: except }
          : { op: "add", path: [...path, "except"], value: [except] },
      ],
      title: `Leave ${except} out of ${rule.place.path}`,
    },
  ];
}
