import type { Policy } from "../../../policy.js";
import type { LintContext } from "../../context/context.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import { podConditions, subjectSelector } from "../../context/selectors.js";
import { rulesIn } from "../../../match/rules.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, some } from "../say.js";

/** Namespaces whose pods others need, and what breaks without them. */
const SYSTEM: ReadonlyMap<string, string> = new Map([
  ["kube-system", "DNS, metrics and whatever else of the cluster runs there"],
  ["openshift-dns", "DNS"],
  ["openshift-ingress", "traffic from outside"],
  ["openshift-monitoring", "metrics"],
  ["calico-system", "the network itself"],
  ["calico-apiserver", "the network's API"],
  ["tigera-operator", "the network itself"],
  ["kube-flannel", "the network itself"],
  ["cilium", "the network itself"],
  ["monitoring", "metrics"],
  ["prometheus", "metrics"],
  ["ingress-nginx", "traffic from outside"],
  ["traefik", "traffic from outside"],
  ["haproxy-controller", "traffic from outside"],
  ["contour", "traffic from outside"],
  ["projectcontour", "traffic from outside"],
  ["istio-system", "the service mesh"],
  ["linkerd", "the service mesh"],
  ["cert-manager", "its webhook"],
  ["gatekeeper-system", "its webhook"],
  ["kyverno", "its webhook"],
]);

export const NP105: LintRule = {
  id: "NP105",
  title: "Ingress of a system namespace is denied without exceptions",
  severity: "high",
  needs: "spec",
  help: {
    why: "Pods of these namespaces serve the whole cluster: DNS, webhooks, metrics, ingress controllers. Denying ingress to all of them without allowing it where it is needed breaks every application.",
    fix: "Allow what the pods are there for (DNS: UDP and TCP 53 from everywhere), or select only pods that nobody needs.",
  },
  *check(context) {
    for (const policy of context.manifests.policies) {
      const what = SYSTEM.get(policy.namespace);
      const subject = subjectSelector(policy);
      if (what === undefined || !subject || !policy.isolates.ingress) continue;
      if (podConditions(subject.selector).length > 0) continue;
      const closed = closedPods(context, policy);
      if (!closed) continue;
      const where = at(context, policy, subject.place);
      if (!where) continue;
      const names = closed.map(({ workload }) => workload.name);
      yield {
        ...where,
        message: `${policyName(policy)} denies ingress to every pod of ${policy.namespace}, and ${names.length === 0 ? "no policy there allows any" : `none allows any to ${some(names)}`}: ${what} will break.`,
        evidence: closed.map((pod) => podEvidence(pod)),
      };
    }
  },
};

/** Pods that nothing is allowed to; undefined when there are none. An input without pods tells it by the policies alone. */
function closedPods(context: LintContext, policy: Policy): readonly Pod[] | undefined {
  const pods = context.pods.in(policy.namespace).filter(({ workload }) => !workload.hostNetwork);
  const opening = context.manifests.policies.filter(
    (other) =>
      (other.namespace === policy.namespace || other.namespace === "") &&
      rulesIn(other, "ingress").some(({ action, peers }) => action === "allow" && peers.length > 0),
  );
  if (pods.length === 0) return opening.length === 0 ? [] : undefined;
  const open = new Set(opening.flatMap((other) => context.pods.selectedBy(other)));
  const closed = pods.filter((pod) => !open.has(pod) && pod.endpoint.ports.length > 0);
  return closed.length > 0 ? closed : undefined;
}
