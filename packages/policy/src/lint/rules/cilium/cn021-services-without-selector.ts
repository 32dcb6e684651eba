import type { LintRule } from "../../rule.js";
import { record, text } from "../../context/raw.js";
import type { LintContext } from "../../context/context.js";
import type { Service } from "../../../objects.js";
import { ruleName } from "../say.js";
import { objects, peerFields } from "./l3.js";

export const CN021: LintRule = {
  id: "CN021",
  title: "toServices names a Service without pods of its own",
  severity: "medium",
  needs: "spec",
  help: {
    why:
      "toServices means the pods that the Service selects. Without a selector only the addresses of its endpoints count, as CIDRs, which never match pods, nodes " +
      "or the API server that runs on one.",
    fix: "For default/kubernetes use the entity kube-apiserver; else select the backends by labels or CIDR.",
  },
  *check(context) {
    for (const { source, title, rules } of context.ciliumSpecs)
      for (const rule of rules)
        for (const { path, value } of objects(rule.value["toServices"], [
          ...rule.path,
          "toServices",
        ])) {
          const named = record(value["k8sService"]);
          const name = text(named["serviceName"]);
          // Without a namespace, Services of every namespace are meant.
          const within = text(named["namespace"]);
          const api = name === "kubernetes" && (within === "default" || within === "");
          const service = context.manifests.services.find(
            (one) => one.name === name && (within === "" || one.namespace === within),
          );
          const namespace = within || (service?.namespace ?? "default");
          const reason = api ? "the API server" : service && whyNoPods(context, service);
          if (reason === undefined) continue;
          const only = peerFields(rule).length === 1 && peerFields(rule)[0]!.items.length === 1;
          yield {
            on: source,
            path,
            message:
              `${ruleName({ section: rule.section, index: Number(rule.path.at(-1)) })} of ${source.kind} ${title} names ` +
              `Service ${namespace}/${name}, which is ${reason}: toServices does not match its backends.`,
            evidence: service ? [{ kind: "Service", namespace, name, place: service.place }] : [],
            ...(api ? { fix: "Write `toEntities: [kube-apiserver]`." } : {}),
            ...(api && only
              ? {
                  operations: [
                    {
                      op: "add" as const,
                      path: [...rule.path, "toEntities"],
                      value: ["kube-apiserver"],
                    },
                    { op: "remove" as const, path: [...rule.path, "toServices"] },
                  ],
                }
              : {}),
          };
        }
  },
};

function whyNoPods({ manifests }: LintContext, service: Service): string | undefined {
  if (service.type === "ExternalName") return "an ExternalName, a name and no backends";
  if (service.selector !== undefined) return undefined;
  if (service.backendAddresses.length === 0)
    return "without selector and without endpoints in the input";
  const inside = new Set(
    [...manifests.workloads, ...manifests.nodes].flatMap(({ addresses }) => addresses),
  );
  return service.backendAddresses.some((address) => inside.has(address))
    ? "without selector, with addresses of pods or nodes"
    : undefined;
}
