import { contains, isIPv4, parseCidr, type Words } from "../../../match/cidr.js";
import { type AddressIndex, indexAddresses } from "../../compare/address-index.js";
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
    const covered = coveredBy(context);
    for (const policy of context.manifests.policies) {
      if (policy.kind !== "NetworkPolicy") continue;
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr") continue;
          const everything = parseCidr(peer.cidr)?.bits === 0;
          // Where blocks never mean pods, one for the whole internet does what its author expects.
          if (everything && !context.profile.cidrMatchesPods) continue;
          const hit = covered(peer.cidr, peer.except);
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

/** Finds what of the cluster a block covers and its exceptions do not. The same blocks stand in many policies. */
function coveredBy(
  context: LintContext,
): (cidr: string, except: readonly string[]) => Range | undefined {
  const { before, pods, after } = rangesOf(context);
  const known = new Map<string, Range | undefined>();
  const find = (cidr: string, except: readonly string[]): Range | undefined => {
    const hits = ({ cidr: range }: Range): boolean =>
      cidrsOverlap(cidr, range) && !except.some((hole) => cidrCovers(hole, range));
    const block = parseCidr(cidr);
    const holes = except.flatMap((hole) => parseCidr(hole) ?? []);
    const isOpen = (words: Words): boolean => !holes.some((hole) => contains(hole, words));
    return before.find(hits) ?? (block && pods.firstIn(block, isOpen)?.()) ?? after.find(hits);
  };
  return (cidr, except) => {
    const key = JSON.stringify([cidr, except]);
    if (!known.has(key)) known.set(key, find(cidr, except));
    return known.get(key);
  };
}

function rangesOf(context: LintContext): {
  readonly before: readonly Range[];
  /** Of the pods, made when they are needed. */
  readonly pods: AddressIndex<() => Range>;
  readonly after: readonly Range[];
} {
  const { settings, manifests, pods } = context;
  const node = manifests.nodes[0];
  const nodeEvidence: Evidence[] = node
    ? [{ kind: "Node", namespace: "", name: node.name, place: node.place }]
    : [];
  const range = (what: string, singular: string, evidence: readonly Evidence[]) => (cidr: string) =>
    ({ what, singular, cidr, evidence }) satisfies Range;
  const ofPods = pods.all
    .filter(({ workload }) => !workload.hostNetwork)
    .flatMap((pod) =>
      pod.workload.addresses.map((address) => {
        const made = () => range("a pod's address", "pod", [podEvidence(pod)])(single(address));
        return [address, made] as const;
      }),
    );
  return {
    before: settings.podCidrs.map(range("the pods' addresses", "pod", nodeEvidence)),
    pods: indexAddresses(ofPods),
    after: [
      ...settings.serviceCidrs.map(range("the Services' addresses", "Service", [])),
      ...settings.nodeCidrs.map(single).map(range("the nodes' addresses", "node", nodeEvidence)),
    ],
  };
}

/** An address as a block of its own; a block as it is. */
function single(address: string): string {
  return address.includes("/") ? address : `${address}/${isIPv4(address) ? 32 : 128}`;
}
