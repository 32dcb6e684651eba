import { admits, isOutside, serviceEvidence, targetsOf } from "../../context/admission.js";
import { podEvidence } from "../../context/pods.js";
import { isolated } from "../../context/reach.js";
import type { LintRule } from "../../rule.js";
import { at, policyName } from "../say.js";
import { broadest } from "./whom.js";

export const NP109: LintRule = {
  id: "NP109",
  title: "Service for clients outside, and only pods are let in",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "Clients of a NodePort or LoadBalancer Service and the health checks of its load balancer come from addresses and nodes, which no selector of pods means. The node's own probes are always allowed; those of other nodes are not.",
    fix: "Allow the clients' addresses and the nodes' (ipBlock; in Cilium the entities world and remote-node) on the pod's port, or make the Service a ClusterIP.",
  },
  *check(context) {
    for (const service of context.manifests.services) {
      if (service.type !== "NodePort" && service.type !== "LoadBalancer") continue;
      const closed = targetsOf(service, context.pods.behind(service)).find((target) => {
        const policies = context.pods.policiesOf(target.pod);
        return (
          !target.pod.workload.hostNetwork &&
          isolated(policies, "ingress") &&
          !admits(policies, target, isOutside)
        );
      });
      if (!closed) continue;
      const policy = broadest(context, context.pods.policiesOf(closed.pod), "ingress");
      const where = at(context, policy, policy.subject.place);
      if (!where) continue;
      yield {
        ...where,
        message: `${policyName(policy)} restricts ingress of ${service.type} Service ${service.namespace}/${service.name}, and on port ${closed.port} no policy lets in anything but pods: no client or health check from outside.`,
        evidence: [serviceEvidence(service, service.type), podEvidence(closed.pod)],
      };
    }
  },
};
