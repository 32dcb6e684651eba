import type { Endpoint } from "../../../endpoint.js";
import { matchesPeers } from "../../../match/peer.js";
import { matchesPorts } from "../../../match/port.js";
import { selectsEndpoint } from "../../../match/subject.js";
import type { Direction, Policy, Protocol } from "../../../policy.js";
import { NAMESPACE_LABEL_PREFIX, POD_NAMESPACE, POLICY_CLUSTER } from "../../../selector.js";
import type { LintContext } from "../../context/context.js";
import { podEnd, reservedEnd } from "../../context/ends.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, basisOf, policyName } from "../say.js";

export const CN018: LintRule = {
  id: "CN018",
  title: "Clusterwide isolation that reaches kube-system",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "A clusterwide policy for every pod also isolates kube-system: DNS gets no queries, or cannot reach the API server, " +
      "and then every application of the cluster fails. Cilium's own health endpoints are selected too.",
    fix: "Leave kube-system out (`matchExpressions: [{key: k8s:io.kubernetes.pod.namespace, operator: NotIn, values: [kube-system]}]`), or allow its traffic.",
  },
  *check(context) {
    const dns = podEnd("kube-system", { "k8s-app": "kube-dns" }, context.profile.cluster);
    for (const policy of context.manifests.policies) {
      if (!isForEverybody(policy) || !selectsEndpoint(policy, dns, context.match)) continue;
      const client = podEnd("default", {}, context.profile.cluster);
      const api = reservedEnd("remote-node", "kube-apiserver", "remote-node");
      const lost = [
        ...(isCut(context, policy, "ingress", {
          subject: dns,
          peer: client,
          protocol: "UDP",
          ports: [53, 5353],
        })
          ? ["lets no DNS query in to kube-dns"]
          : []),
        ...(isCut(context, policy, "egress", {
          subject: dns,
          peer: api,
          protocol: "TCP",
          ports: [443, 6443],
        })
          ? ["lets kube-dns not reach the API server"]
          : []),
      ];
      const where = at(context, policy, policy.subject.place);
      if (lost.length === 0 || !where) continue;
      const pods = context.pods.selectedBy(policy);
      yield {
        ...where,
        message: `${policyName(policy)} isolates every pod, those of kube-system too: it ${lost.join(" and ")}, and no other policy does.`,
        basis: basisOf(context),
        evidence: pods
          .filter(({ workload }) => workload.namespace === "kube-system")
          .map((pod) => podEvidence(pod)),
      };
    }
  },
};

/** Nothing but namespaces is asked for. */
function isForEverybody({ kind, subject }: Policy): boolean {
  return (
    kind === "CiliumClusterwideNetworkPolicy" &&
    subject.of === "pods" &&
    subject.selector.requirements.every(
      ({ key }) =>
        key === POD_NAMESPACE || key === POLICY_CLUSTER || key.startsWith(NAMESPACE_LABEL_PREFIX),
    )
  );
}

interface Need {
  readonly subject: Endpoint;
  readonly peer: Endpoint;
  readonly protocol: Protocol;
  /** One of them is enough. */
  readonly ports: readonly number[];
}

function isCut(context: LintContext, policy: Policy, direction: Direction, need: Need): boolean {
  if (!policy.isolates[direction]) return false;
  const { subject, peer, protocol, ports } = need;
  const destination = direction === "ingress" ? subject : peer;
  return !context.manifests.policies.some(
    (other) =>
      selectsEndpoint(other, subject, context.match) &&
      other.rules.some(
        (rule) =>
          rule.direction === direction &&
          rule.action === "allow" &&
          matchesPeers(rule, peer, context.match) &&
          ports.some((port) => matchesPorts(rule, protocol, port, destination)),
      ),
  );
}
