import { parseCidr } from "../../../match/cidr.js";
import type { Service } from "../../../objects.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { Peer, Policy, Rule } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import { cidrCovers } from "../../compare/cidrs.js";
import { serviceEvidence } from "../../context/admission.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const NP112: LintRule = {
  id: "NP112",
  title: "Egress to the address of a Service",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "The address of a Service is replaced by that of a pod before policies look, on most data planes. A block of the Service's address then matches nothing.",
    fix: "Select the pods behind the Service, with their own port.",
  },
  *check(context) {
    const services = context.manifests.services.filter((one) => one.clusterAddresses.length > 0);
    if (services.length === 0) return;
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules) {
        if (rule.direction !== "egress") continue;
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "cidr" || !isSingle(peer.cidr)) continue;
          const service = services.find((one) =>
            one.clusterAddresses.some((address) => cidrCovers(peer.cidr, address)),
          );
          const where = service && at(context, policy, peer.place);
          if (!where) continue;
          const operations = selectInstead(policy, rule, peer, service);
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} allows ${peer.cidr}, the address of Service ${service.namespace}/${service.name}, which policies rarely see.`,
            evidence: [
              serviceEvidence(service, `clusterIP ${service.clusterAddresses.join(", ")}`),
              ...context.pods
                .behind(service)
                .slice(0, 4)
                .map((pod) => podEvidence(pod)),
            ],
            ...(service.selector === undefined
              ? { fix: "Allow the addresses that the Service leads to." }
              : {}),
            ...(operations ? { operations } : {}),
          };
        }
      }
  },
};

function isSingle(cidr: string): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && block.bits === block.base.length * 32;
}

/** A selector in place of the block, where the ports stay right too. */
function selectInstead(
  policy: Policy,
  rule: Rule,
  peer: Peer,
  service: Service,
): readonly PatchOperation[] | undefined {
  const { selector } = service;
  if (policy.kind !== "NetworkPolicy" || selector === undefined) return undefined;
  if (Object.keys(selector).length === 0) return undefined;
  const same = service.ports.every(({ port, targetPort }) => port === targetPort);
  if (rule.ports !== "any" && !same) return undefined;
  const elsewhere = service.namespace !== policy.namespace;
  const value = {
    ...(elsewhere
      ? {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": service.namespace } },
        }
      : {}),
    podSelector: { matchLabels: { ...selector } },
  };
  const path = pathSteps(peer.place.path);
  // A place of a block may be that of the peer or of the ipBlock in it.
  const at = path.at(-1) === "ipBlock" ? path.slice(0, -1) : path;
  return [{ op: "replace", path: at, value }];
}
