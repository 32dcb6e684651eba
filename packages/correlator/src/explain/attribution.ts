import type { Agreement, Flow, PolicyName, PolicyRef } from "@dropscope/model";
import type { Direction, Policy } from "@dropscope/policy";

/** A policy that the data path named. */
export interface NamedPolicy extends PolicyName {
  /** Empty when it is not told. */
  readonly uid: string;
}

/** Policies that the data path says denied it in the direction (in either, without one). */
export function deniedBy(flow: Flow, direction: Direction | undefined): NamedPolicy[] {
  return named(flow, direction, "denied_by");
}

export function allowedBy(flow: Flow, direction: Direction | undefined): NamedPolicy[] {
  return named(flow, direction, "allowed_by");
}

function named(
  flow: Flow,
  direction: Direction | undefined,
  list: "denied_by" | "allowed_by",
): NamedPolicy[] {
  const directions = direction === undefined ? (["egress", "ingress"] as const) : [direction];
  const found = new Map<string, NamedPolicy>();
  for (const one of directions)
    for (const ref of flow[`${one}_${list}`] ?? []) {
      const policy = namedPolicy(ref);
      // Rules that nobody wrote (`allow-localhost-ingress`) have labels only.
      if (policy.name !== "")
        found.set(`${policy.kind}/${policy.namespace}/${policy.name}`, policy);
    }
  return [...found.values()];
}

const PREFIX = "k8s:io.cilium.k8s.policy.";

/** Versions before 1.17 tell the kind in the labels only. */
function namedPolicy({ name = "", namespace, kind = "", labels = [] }: PolicyRef): NamedPolicy {
  const label = (key: string): string =>
    labels
      .find((text) => text.startsWith(`${PREFIX}${key}=`))
      ?.slice(PREFIX.length + key.length + 1) ?? "";
  const realName = name || label("name");
  const realKind = kind || label("derived-from");
  const clusterwide = /^(CiliumClusterwide|Cluster|Admin|BaselineAdmin)/.test(realKind);
  return {
    kind: realKind,
    namespace: clusterwide ? "" : (namespace ?? label("namespace")),
    name: realName,
    uid: label("uid"),
  };
}

/** Whether the data path's name means this policy; a uid tells two of one name apart. */
export function means(named: NamedPolicy, policy: Policy): boolean {
  return (
    named.name === policy.name &&
    named.namespace === policy.namespace &&
    (named.kind === "" || named.kind === policy.kind) &&
    (named.uid === "" || policy.uid === undefined || named.uid === policy.uid)
  );
}

/**
 * Whether the data path and we name the same.
 * @param ours policies that decided by our judgement
 * @param beside policies that did not decide and that Cilium may name all the same
 */
export function agreementOf(
  named: readonly NamedPolicy[],
  ours: readonly Policy[],
  beside: readonly Policy[] = [],
): Agreement {
  if (named.length === 0) return "cilium-silent";
  const isOurs = (one: NamedPolicy, list: readonly Policy[]): boolean =>
    list.some((policy) => means(one, policy));
  const everyone = [...ours, ...beside];
  return named.every((one) => isOurs(one, everyone)) && named.some((one) => isOurs(one, ours))
    ? "same"
    : "differs";
}
