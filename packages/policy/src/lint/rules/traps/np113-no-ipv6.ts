import { parseCidr } from "../../../match/cidr.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { Peer } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP113: LintRule = {
  id: "NP113",
  title: "All of IPv4 and nothing of IPv6 in a dual-stack cluster",
  severity: "low",
  needs: "cluster",
  help: {
    why: "0.0.0.0/0 does not cover IPv6. In a dual-stack cluster clients try IPv6 first and wait until they fall back.",
    fix: "Add ::/0 beside 0.0.0.0/0.",
  },
  *check(context) {
    if (context.settings.dualStack !== true) return;
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        if (rule.peers === "any" || rule.action !== "allow") continue;
        const all = rule.peers.find((peer) => isAll(peer, 1));
        // Whoever names any block of IPv6 has thought of it.
        if (!all || rule.peers.some(isIPv6)) continue;
        const where = at(context, policy, all.place);
        if (!where) continue;
        const operations = addIPv6(all);
        yield {
          ...where,
          message: `${ruleName(rule)} of ${policyName(policy)} allows all of IPv4 and no IPv6, which this cluster speaks too.`,
          ...(operations ? { operations } : {}),
        };
      }
  },
};

type CidrPeer = Extract<Peer, { of: "cidr" }>;

function isAll(peer: Peer, words: number): peer is CidrPeer {
  if (peer.of !== "cidr") return false;
  const block = parseCidr(peer.cidr);
  return block?.bits === 0 && block.base.length === words;
}

function isIPv6(peer: Peer): boolean {
  if (peer.of === "cidr") return (parseCidr(peer.cidr)?.base.length ?? 0) > 1;
  return peer.of === "entity" && (peer.entity === "world-ipv6" || peer.entity === "all");
}

/** As its neighbour is written. What is taken out of IPv4 has no counterpart that could be guessed. */
function addIPv6({ except, place }: CidrPeer): readonly PatchOperation[] | undefined {
  if (except.length > 0) return undefined;
  const path = pathSteps(place.path);
  const item = path.findLastIndex((part) => typeof part === "number");
  const key = path[item - 1];
  if (typeof key !== "string") return undefined;
  const value = key.endsWith("CIDRSet")
    ? { cidr: "::/0" }
    : key.endsWith("CIDR")
      ? "::/0"
      : key === "from" || key === "to"
        ? { ipBlock: { cidr: "::/0" } }
        : undefined;
  return value === undefined
    ? undefined
    : [{ op: "add", path: [...path.slice(0, item), "-"], value }];
}
