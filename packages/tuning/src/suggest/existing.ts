import type { TuningCluster } from "../cluster/index.js";
import { objectKey } from "../cluster/index.js";
import type { Scope } from "./asks.js";
import { compare } from "./group.js";
import type { Value } from "./network-policy.js";
import type { Proposal } from "./propose.js";

/** Policies that are in force where some are proposed. */
export interface Existing {
  /** Whether a policy of the name is about other pods. */
  readonly isTaken: (kind: string, namespace: string, name: string, subject: Value) => boolean;
  has(kind: string, namespace: string, name: string): boolean;
  /** Policies of the namespaces that stay beside the proposals: `KIND namespace/name`. */
  beside(proposals: readonly Proposal[]): readonly string[];
}

export function existingAbout(cluster: TuningCluster, { namespaces }: Scope): Existing {
  const policies = cluster.policies.filter(({ namespace }) => namespaces.includes(namespace));
  const keys = new Set(policies.map(objectKey));
  const has = (kind: string, namespace: string, name: string): boolean =>
    keys.has(objectKey({ kind, namespace, name }));
  return {
    has,
    isTaken: (kind, namespace, name, subject) => {
      if (!has(kind, namespace, name)) return false;
      const source = cluster.sources.get(objectKey({ kind, namespace, name }));
      const spec = source?.value["spec"] as Value | undefined;
      const own = spec?.[kind === "NetworkPolicy" ? "podSelector" : "endpointSelector"];
      return own !== undefined && textOf(own) !== textOf(subject);
    },
    beside: (proposals) => {
      const replaced = new Set(proposals.map(objectKey));
      const titles = policies
        .filter((policy) => !replaced.has(objectKey(policy)))
        .map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
      return [...new Set(titles)].toSorted(compare);
    },
  };
}

/** Equal for equal data, whatever the order of its keys. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => compare(a, b)))
      : inner,
  );
}
