import { isIPv4, parseCidr } from "../../../match/cidr.js";
import { cidrCovers, cidrsOverlap } from "../../compare/cidrs.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP111: LintRule = {
  id: "NP111",
  title: "ipBlock that covers addresses of the cluster itself",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "Whether an ipBlock means pods and nodes inside it is left to the data plane: those that work by address let all of them in, Cilium never does.",
    fix: "Name pods by selectors and nodes by what the data plane offers; take the cluster's ranges out with `except`.",
  },
  *check(context) {
    const ranges = rangesOf(context);
    if (ranges.length === 0) return;
    for (const policy of context.manifests.policies) {
      if (policy.kind !== "NetworkPolicy") continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr") continue;
          const everything = parseCidr(peer.cidr)?.bits === 0;
          // Where blocks never mean pods, one for the whole internet does what its author expects.
          if (everything && !context.profile.cidrMatchesPods) continue;
          const hit = ranges.find(
            ({ cidr }) =>
              cidrsOverlap(peer.cidr, cidr) && !peer.except.some((hole) => cidrCovers(hole, cidr)),
          );
          const where = hit && at(context, policy, peer.place);
          if (!where) continue;
          const effect = context.profile.cidrMatchesPods
            ? `every ${hit.singular} there`
            : `no ${hit.singular} at all`;
          yield {
            ...where,
            severity: everything ? "low" : "medium",
            message: `${ruleName(rule)} of ${policyName(policy)} has the block ${peer.cidr}, which covers ${hit.what} (${hit.cidr}): under profile ${context.profile.name} it means ${effect}.`,
            evidence: hit.evidence,
          };
        }
    }
  },
};

interface Range {
  readonly what: string;
  readonly singular: string;
  readonly cidr: string;
  readonly evidence: readonly Evidence[];
}

function rangesOf(context: LintContext): Range[] {
  const { settings, manifests, pods } = context;
  const node = manifests.nodes[0];
  const nodeEvidence: Evidence[] = node
    ? [{ kind: "Node", namespace: "", name: node.name, place: node.place }]
    : [];
  const range = (what: string, singular: string, evidence: readonly Evidence[]) => (cidr: string) =>
    ({ what, singular, cidr, evidence }) satisfies Range;
  return [
    ...settings.podCidrs.map(range("the pods' addresses", "pod", nodeEvidence)),
    ...pods.all.flatMap((pod) =>
      pod.workload.hostNetwork
        ? []
        : pod.workload.addresses
            .map(single)
            .map(range("a pod's address", "pod", [podEvidence(pod)])),
    ),
    ...settings.serviceCidrs.map(range("the Services' addresses", "Service", [])),
    ...settings.nodeCidrs.map(single).map(range("the nodes' addresses", "node", nodeEvidence)),
  ];
}

/** An address as a block of its own; a block as it is. */
function single(address: string): string {
  return address.includes("/") ? address : `${address}/${isIPv4(address) ? 32 : 128}`;
}
