import { matchesPeer, type MatchContext, pathSteps, type SideExplanation } from "@dropscope/policy";
import type { Values } from "./allow.js";
import { type Candidate, ORDER } from "./candidate.js";
import type { Naming } from "./naming.js";
import { record, valueAt } from "./path.js";

/**
 * An exception to the first rule that denies: the entry that names the other end leaves it out. Where
 * several deny, each takes one, in their order.
 */
export function exceptCandidates(
  side: SideExplanation,
  values: Values,
  context: MatchContext,
  naming: Naming,
): Candidate[] {
  const [ref] = side.by;
  if (ref === undefined) return [];
  const { policy, rule } = ref;
  if (rule.peers === "any" || policy.tier !== "normal") return [];
  const peers = rule.peers.filter((peer) => matchesPeer(peer, side.peer, context));
  const [peer] = peers;
  if (peers.length !== 1 || peer === undefined) return [];
  const path = pathSteps(peer.place.path);
  const entry = valueAt(values(policy), path);
  const base = {
    kind: "exception",
    policy,
    effect: "What the rule forbids was forbidden on purpose: ask who wrote it.",
    order: ORDER.exception,
  } as const;
  if (peer.of === "endpoints") {
    const label = naming.labelFor(side.peer);
    if (label === undefined || typeof entry !== "object" || entry === null) return [];
    const [key, value] = label;
    const expression = { key, operator: "NotIn", values: [value] };
    const has = Array.isArray(record(entry)["matchExpressions"]);
    return [
      {
        ...base,
        operations: [
          has
            ? { op: "add", path: [...path, "matchExpressions", "-"], value: expression }
            : { op: "add", path: [...path, "matchExpressions"], value: [expression] },
        ],
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
