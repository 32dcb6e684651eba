import type { Peer, Policy, Rule } from "../../../policy.js";
import type { Selector } from "../../../selector.js";
import { NAMESPACE_LABEL_PREFIX, POD_NAMESPACE, POLICY_CLUSTER } from "../../../selector.js";
import type { LintContext } from "../../context/context.js";
import type { NetworkPolicyView, RuleView } from "../../context/network-policies.js";
import type { Pod } from "../../context/pods.js";
import { has } from "../../context/raw.js";
import { podConditions } from "../../context/selectors.js";
import { pathText } from "../../path.js";
import type { Path } from "../../rule.js";

/** One entry of `from` or `to` that selects by labels, taken apart. */
export interface Halves {
  readonly path: Path;
  readonly index: number;
  readonly hasNamespaces: boolean;
  readonly hasPods: boolean;
  /** Conditions on the namespace alone; the policy's own when the entry names none. */
  readonly namespaces: Selector;
  /** Conditions on the pod alone. */
  readonly pods: Selector;
}

export function halvesOf({ policy }: NetworkPolicyView, rule: RuleView): Halves[] {
  const meant = policy && ruleOf(policy, rule);
  if (!meant || meant.peers === "any") return [];
  const byPath = new Map<string, Peer>(meant.peers.map((peer) => [peer.place.path, peer]));
  return rule.peers.flatMap(({ path, value }, index) => {
    const peer = byPath.get(pathText(path));
    if (peer?.of !== "endpoints") return [];
    const { requirements } = peer.selector;
    return {
      path,
      index,
      hasNamespaces: has(value, "namespaceSelector"),
      hasPods: has(value, "podSelector"),
      namespaces: {
        requirements: requirements.filter(
          ({ key, place }) =>
            key.startsWith(NAMESPACE_LABEL_PREFIX) ||
            (place === undefined && key !== POLICY_CLUSTER),
        ),
      },
      pods: { requirements: podConditions(peer.selector) },
    };
  });
}

/** Pods that satisfy all of the conditions; never host-network ones. */
export function podsOf(context: LintContext, ...selectors: Selector[]): readonly Pod[] {
  return context.pods
    .labelled({ requirements: selectors.flatMap(({ requirements }) => requirements) })
    .filter(({ workload }) => !workload.hostNetwork);
}

/** The policy's own namespace, as a condition. */
export function ownNamespace({ namespace }: Policy): Selector {
  return {
    requirements: [{ source: "k8s", key: POD_NAMESPACE, operator: "In", values: [namespace] }],
  };
}

function ruleOf(policy: Policy, { direction, path }: RuleView): Rule | undefined {
  return policy.rules.find(
    (rule) => rule.section === direction && rule.index === Number(path.at(-1)),
  );
}
