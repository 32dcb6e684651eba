import { parseAddress, parseCidr } from "../../../match/cidr.js";
import { cidrCovers } from "../../compare/cidrs.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import type { Evidence } from "../../finding.js";
import { settingText } from "./setting.js";

/** An address or range that belongs to something in the cluster. */
export interface Target {
  readonly address: string;
  readonly what: string;
  readonly fix: string;
  readonly evidence?: Evidence;
  /** The entity that stands for just this. */
  readonly entity?: string;
}

export interface TargetIndex {
  /**
   * Whom a CIDR is meant for: the owner of its one address, or pods by their range.
   * That a wide block also holds some node says nothing about what it is for.
   */
  meantBy(cidr: string): readonly Target[];
}

export function indexTargets(context: LintContext): TargetIndex {
  const singles = new Map<string, Target>();
  for (const target of [...services(context), ...pods(context), ...nodes(context)]) {
    const key = parseAddress(target.address)?.join();
    if (key !== undefined && !singles.has(key)) singles.set(key, target);
  }
  const ranges = context.settings.podCidrs.map((range) => rangeTarget(context, range));
  return {
    meantBy(cidr) {
      const block = parseCidr(cidr);
      const isOne = block !== undefined && block.bits === block.base.length * 32;
      const one = isOne ? singles.get(block.base.join()) : undefined;
      if (one) return [one];
      return ranges.filter(({ address }) => cidrCovers(address, cidr) || cidrCovers(cidr, address));
    },
  };
}

function rangeTarget({ manifests }: LintContext, range: string): Target {
  const node = manifests.nodes.find(({ podCidrs }) => podCidrs.includes(range));
  return {
    address: range,
    what: `in the range ${range} of pods`,
    fix: "Select the pods by their labels.",
    ...(node
      ? {
          evidence: {
            kind: "Node",
            namespace: "",
            name: node.name,
            place: node.place,
            note: `podCIDR ${range}`,
          },
        }
      : {}),
  };
}

function services({ manifests }: LintContext): Target[] {
  return manifests.services.flatMap(({ namespace, name, place, clusterAddresses }) =>
    clusterAddresses.map((address): Target => {
      const target = {
        address,
        what: `the address of Service ${namespace}/${name}`,
        evidence: { kind: "Service", namespace, name, place, note: address },
      };
      return namespace === "default" && name === "kubernetes"
        ? Object.assign(target, {
            fix: "Use the entity kube-apiserver.",
            entity: "kube-apiserver",
          })
        : Object.assign(target, { fix: "Select the pods behind the Service by their labels." });
    }),
  );
}

/** Host-network pods have their node's address, and are none of these. */
function pods(context: LintContext): Target[] {
  return context.pods.all.flatMap((pod) =>
    pod.workload.hostNetwork
      ? []
      : pod.workload.addresses.map((address) => ({
          address,
          what: `pod ${pod.endpoint.name}`,
          fix: "Select the pods by their labels.",
          evidence: podEvidence(pod, address),
        })),
  );
}

function nodes(context: LintContext): Target[] {
  // An option of Cilium makes CIDRs match nodes after all.
  if (settingText(context, "policy-cidr-match-mode").includes("nodes")) return [];
  return context.manifests.nodes.flatMap(({ name, place, addresses }) =>
    addresses.map((address) => ({
      address,
      what: `node ${name}`,
      fix: "Use the entities host and remote-node; for the API server on a node, kube-apiserver.",
      evidence: { kind: "Node", namespace: "", name, place, note: address },
    })),
  );
}
