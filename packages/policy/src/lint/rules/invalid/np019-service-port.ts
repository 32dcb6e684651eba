import { targetNumber } from "../../../explain/port-hints.js";
import type { Service, ServicePort } from "../../../objects.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { PortMatch, Rule } from "../../../policy.js";
import { pathSteps } from "../../../source/path.js";
import { servicesOf } from "../../context/backends.js";
import type { LintContext } from "../../context/context.js";
import { destinationsOf } from "../../context/destinations.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, ruleName } from "../say.js";
import { portsText } from "./np015-unknown-port-name.js";

export const NP019: LintRule = {
  id: "NP019",
  title: "Port of a Service instead of the pod's",
  severity: "high",
  needs: "cluster",
  help: {
    why: "Policies are judged behind the Service, where the destination is the pod and its own port. Allowing the Service's port allows nothing when its targetPort is another.",
    fix: "Write the targetPort.",
  },
  *check(context) {
    for (const policy of context.manifests.policies)
      for (const rule of policy.rules)
        for (const port of rule.ports === "any" ? [] : rule.ports) {
          if (port.of !== "number" || port.first !== port.last) continue;
          if (rule.action !== "allow") continue;
          const mapped = mappingOf(context, destinationsOf(context, policy, rule), port);
          if (!mapped || allows(rule, mapped.target, port)) continue;
          const where = at(context, policy, port.place);
          if (!where) continue;
          const { service, target, pods } = mapped;
          yield {
            ...where,
            message: `${ruleName(rule)} of ${policyName(policy)} allows port ${port.first}, which is that of Service ${service.namespace}/${service.name}; its pods listen on ${target}.`,
            evidence: [
              {
                kind: "Service",
                namespace: service.namespace,
                name: service.name,
                place: service.place,
                note: `${port.first} → ${target}`,
              },
              ...pods.slice(0, 4).map((pod) => podEvidence(pod, portsText(pod))),
            ],
            fix: `Write port ${target}.`,
            ...operationsOf(policy.kind, port, target),
          };
        }
  },
};

interface Mapping {
  readonly service: Service;
  readonly target: number;
  readonly pods: readonly Pod[];
}

type NumberPort = Extract<PortMatch, { of: "number" }>;

/** The one port that Services of all destination pods lead to from this number; undefined when a pod may listen on it itself. */
function mappingOf(
  context: LintContext,
  pods: readonly Pod[],
  port: NumberPort,
): Mapping | undefined {
  if (pods.length === 0 || pods.some((pod) => listens(pod, port))) return undefined;
  const found: { service: Service; target: number }[] = [];
  for (const pod of pods) {
    const entries = servicesOf(context, pod).flatMap((service) =>
      service.ports.map((entry) => ({ service, entry, target: targetNumber(entry, pod.endpoint) })),
    );
    // Some Service leads to this very port.
    if (entries.some(({ entry, target }) => target === port.first && speaks(entry, port)))
      return undefined;
    const from = entries.find(
      ({ entry, target }) =>
        entry.port === port.first && target !== undefined && speaks(entry, port),
    );
    if (from) found.push({ service: from.service, target: from.target! });
  }
  const [first] = found;
  if (first === undefined || found.some(({ target }) => target !== first.target)) return undefined;
  return { ...first, pods };
}

function listens({ endpoint }: Pod, port: NumberPort): boolean {
  return endpoint.ports.some(
    (one) => one.port === port.first && port.protocols.includes(one.protocol),
  );
}

function speaks({ protocol }: ServicePort, port: NumberPort): boolean {
  return port.protocols.includes(protocol);
}

/** Whether the rule allows the pod's port as well: then the other entry is only superfluous. */
function allows({ ports }: Rule, target: number, { protocols }: NumberPort): boolean {
  return (
    ports === "any" ||
    ports.some(
      (one) =>
        one.of === "number" &&
        one.first <= target &&
        target <= one.last &&
        one.protocols.some((protocol) => protocols.includes(protocol)),
    )
  );
}

function operationsOf(
  kind: string,
  port: NumberPort,
  target: number,
): { readonly operations?: readonly PatchOperation[] } {
  const path = pathSteps(port.place.path);
  if (kind === "NetworkPolicy")
    return { operations: [{ op: "replace", path: [...path, "port"], value: target }] };
  if (kind.startsWith("Cilium"))
    return { operations: [{ op: "replace", path: [...path, "port"], value: String(target) }] };
  return {};
}
