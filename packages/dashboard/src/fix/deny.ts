import { matchesPeer, type MatchContext, type SideExplanation } from "@dropscope/policy";
import type { Candidate } from "./candidate.js";
import type { Values } from "./allow.js";
import { pathParts, record, valueAt } from "./path.js";
import { tellingLabels } from "./peer.js";

/** Exceptions to the rules that deny: the entries that name the other end leave it out. */
export function exceptCandidates(
  side: SideExplanation,
  values: Values,
  context: MatchContext,
): Candidate[] {
  // With several rules, an exception to one changes nothing.
  const [ref] = side.by;
  if (side.by.length !== 1 || ref === undefined) return [];
  const { policy, rule } = ref;
  if (rule.peers === "any" || policy.tier !== "normal") return [];
  const peers = rule.peers.filter((peer) => matchesPeer(peer, side.peer, context));
  const [peer] = peers;
  if (peers.length !== 1 || peer === undefined) return [];
  const path = pathParts(peer.place.path);
  const entry = valueAt(values(policy), path);
  const warning = "What the rule forbids was forbidden on purpose: ask who wrote it.";
  if (peer.of === "endpoints") {
    const labels = tellingLabels(side.peer);
    const [label] = Object.entries(labels ?? {});
    if (label === undefined || typeof entry !== "object" || entry === null) return [];
    const [key, value] = label;
    const expression = { key, operator: "NotIn", values: [value] };
    const has = Array.isArray(record(entry)["matchExpressions"]);
    return [
      {
        policy,
        operations: [
          has
            ? { op: "add", path: [...path, "matchExpressions", "-"], value: expression }
            : { op: "add", path: [...path, "matchExpressions"], value: [expression] },
        ],
        title: `Leave pods with ${key}=${value} out of ${rule.place.path}`,
        effect: warning,
      },
    ];
  }
  const [address] = side.peer.addresses;
  if (peer.of !== "cidr" || address === undefined || record(entry)["cidr"] === undefined) return [];
  const except = `${address}/${address.includes(":") ? 128 : 32}`;
  const has = Array.isArray(record(entry)["except"]);
  return [
    {
      policy,
      operations: [
        has
          ? { op: "add", path: [...path, "except", "-"], value: except }
          : { op: "add", path: [...path, "except"], value: [except] },
      ],
      title: `Leave ${except} out of ${rule.place.path}`,
      effect: warning,
    },
  ];
}
