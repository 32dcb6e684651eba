import type { Service } from "../../../objects.js";
import type { LintContext } from "../../context/context.js";
import { isClusterName, textOf } from "../../context/dns-rules.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";

export const CN008: LintRule = {
  id: "CN008",
  title: "toFQDNs names a Service of the cluster",
  severity: "high",
  needs: "spec",
  help: {
    why: "Cilium gives names only to addresses outside the cluster. The address of a Service or pod keeps its identity, so that toFQDNs never matches it.",
    fix: "Select the pods behind the Service with toEndpoints, or name the Service with toServices.",
  },
  *check(context) {
    for (const policy of context.manifests.policies.filter(({ kind }) => kind.startsWith("Cilium")))
      for (const rule of policy.rules)
        for (const peer of rule.peers === "any" ? [] : rule.peers) {
          if (peer.of !== "fqdn") continue;
          const name = textOf(peer.name);
          const service = serviceNamed(context, policy.namespace, name);
          if (service ? leavesCluster(context, service) : !isClusterName(name)) continue;
          const where = at(context, policy, peer.place);
          if (!where) continue;
          const what = service
            ? `the Service ${service.namespace}/${service.name}`
            : "a name of the cluster's own DNS";
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} lists ${name} under toFQDNs, but that is ${what}, whose addresses toFQDNs never matches.`,
            evidence: service
              ? [
                  {
                    kind: "Service",
                    namespace: service.namespace,
                    name: service.name,
                    place: service.place,
                  },
                ]
              : [],
          };
        }
  },
};

/** `db`, `db.shop`, `db.shop.svc`, `db.shop.svc.cluster.local`. */
function serviceNamed(context: LintContext, own: string, name: string): Service | undefined {
  const [service, namespace = own, ...rest] = name.toLowerCase().replace(/\.$/, "").split(".");
  if (!["", "svc", "svc.cluster.local"].includes(rest.join("."))) return undefined;
  return context.manifests.services.find(
    (one) => one.name === service && one.namespace === namespace,
  );
}

/** The query is for the Service, but the answer is an address outside: such names do work. */
function leavesCluster(context: LintContext, service: Service): boolean {
  if (service.type === "ExternalName") return true;
  const headless = service.clusterAddresses.every((address) => address === "None");
  const inside = new Set(
    [...context.manifests.workloads, ...context.manifests.nodes].flatMap(
      ({ addresses }) => addresses,
    ),
  );
  return (
    service.selector === undefined &&
    headless &&
    service.backendAddresses.every((address) => !inside.has(address))
  );
}
