import type { SourceObject } from "../../../objects.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { Policy } from "../../../policy.js";
import { POD_NAMESPACE } from "../../../selector.js";
import { pathSteps } from "../../../source/path.js";
import type { LintContext } from "../../context/context.js";
import { isRecord, list, record } from "../../context/raw.js";
import { OPENSHIFT_DNS_LABELS } from "../../context/resolvers.js";

/** An egress rule that allows the cluster's DNS, as the policy's kind writes it; undefined when it cannot. */
export function dnsRule(context: LintContext, { kind }: Policy): unknown {
  const { resolver } = context.settings;
  const openshift = resolver === "openshift";
  const namespace = openshift ? "openshift-dns" : "kube-system";
  const labels = openshift ? OPENSHIFT_DNS_LABELS : { "k8s-app": "kube-dns" };
  const port = openshift ? 5353 : 53;
  if (kind === "NetworkPolicy") {
    // In Cilium a node is never meant by an ipBlock.
    if (resolver === "node-local" && !context.profile.cidrMatchesPods) return undefined;
    const peer =
      resolver === "node-local"
        ? { ipBlock: { cidr: "169.254.20.10/32" } }
        : {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
            podSelector: { matchLabels: labels },
          };
    const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port }));
    return { to: [peer], ports };
  }
  if (!kind.startsWith("Cilium")) return undefined;
  const toPorts = [{ ports: ["UDP", "TCP"].map((protocol) => ({ port: String(port), protocol })) }];
  return resolver === "node-local"
    ? { toEntities: ["host"], toPorts }
    : {
        toEndpoints: [{ matchLabels: { [`k8s:${POD_NAMESPACE}`]: namespace, ...labels } }],
        toPorts,
      };
}

/** Adds an egress rule to the policy's own spec. */
export function addRule(
  on: SourceObject,
  policy: Policy,
  rule: unknown,
): readonly PatchOperation[] | undefined {
  if (rule === undefined) return undefined;
  const [first, second] = pathSteps(policy.subject.place.path);
  const path = first === "specs" && typeof second === "number" ? ["specs", second] : ["spec"];
  const spec =
    path.length === 1 ? record(on.value["spec"]) : record(list(on.value["specs"])[Number(path[1])]);
  const { egress } = spec;
  if (policy.kind.startsWith("Cilium") && isEmptyRule(egress))
    return [{ op: "replace", path: [...path, "egress"], value: [rule] }];
  if (Array.isArray(egress) && egress.length > 0)
    return [{ op: "add", path: [...path, "egress", "-"], value: rule }];
  const op = Object.hasOwn(spec, "egress") ? "replace" : "add";
  return [{ op, path: [...path, "egress"], value: [rule] }];
}

/** Cilium's `egress: [{}]`: it only switches default deny on, which the new rule does as well. */
function isEmptyRule(egress: unknown): boolean {
  const [only, ...rest] = list(egress);
  return rest.length === 0 && isRecord(only) && Object.keys(only).length === 0;
}
