import type { CidrGroup, Namespace, Node, Service, Workload } from "../objects.js";
import type { Policy, PolicyKind } from "../policy.js";

/** An object of the cluster as the catalog keeps it; plain data, so that it can be stored as JSON. */
export type CatalogObject =
  | Of<PolicyKind, readonly Policy[]>
  | Of<"Pod", Workload>
  | Of<"Namespace", Namespace>
  | Of<"Service", Service>
  | Of<"CiliumCIDRGroup", CidrGroup>
  | Of<"Node", Node>;

interface Of<Kind extends string, Value> {
  readonly kind: Kind;
  /** Empty for objects of the cluster. */
  readonly namespace: string;
  readonly name: string;
  /** For a policy: all its specs, in normal form. */
  readonly value: Value;
}

export type ObjectKind = CatalogObject["kind"];

/** Which object, whatever its uid: one of a name at a time. */
export type ObjectId = Pick<CatalogObject, "kind" | "namespace" | "name">;

/** Times are ms since 1970; fractions count. Changes may arrive in any order. */
export type Change =
  /** Created or updated at `at`. A new uid under an old name is another object. */
  | {
      readonly type: "set";
      readonly at: number;
      readonly object: CatalogObject;
      readonly uid?: string;
    }
  /** Gone from `at` on. With a uid, only if it was that one: a late word of an old one harms no new one. */
  | {
      readonly type: "delete";
      readonly at: number;
      readonly id: ObjectId;
      readonly uid?: string;
    }
  /**
   * All objects of a kind that there were at `at`. What is not among them is gone.
   * `since`: nothing was watched between then and `at`, so that what changed in
   * between is known with the time of the list only.
   */
  | {
      readonly type: "list";
      readonly at: number;
      readonly kind: ObjectKind;
      readonly objects: readonly Listed[];
      readonly since?: number;
    }
  /** A DNS answer was seen: the name meant the address from `at` until its time to live ended. */
  | {
      readonly type: "resolved";
      readonly at: number;
      readonly until: number;
      readonly name: string;
      readonly address: string;
    };

export interface Listed {
  readonly object: CatalogObject;
  readonly uid?: string;
  /** Time of its creation. What it was between then and the first list is a guess. */
  readonly created?: number;
}

/** What an object was from one moment to before another. `from` may be −∞, `to` ∞. */
export interface ObjectVersion {
  readonly from: number;
  readonly to: number;
  /** Empty when it is not known. */
  readonly uid: string;
  readonly object: CatalogObject;
}

/** What can be written to a store and loaded again; JSON as it is, null for a time without bound. */
export type CatalogRecord =
  | {
      readonly record: "version";
      readonly from: number | null;
      readonly to: number | null;
      readonly uid: string;
      readonly object: CatalogObject;
    }
  | {
      readonly record: "list";
      readonly kind: ObjectKind;
      readonly at: number;
      readonly since: number | null;
    }
  | {
      readonly record: "resolved";
      readonly from: number;
      readonly to: number;
      readonly name: string;
      readonly address: string;
    };

export const POLICY_KINDS: readonly PolicyKind[] = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
];
const policyKinds: ReadonlySet<string> = new Set(POLICY_KINDS);

export function isPolicy(
  object: CatalogObject,
): object is Extract<CatalogObject, { value: readonly Policy[] }> {
  return policyKinds.has(object.kind);
}

/** Equal for equal ids; names cannot hold a slash. */
export function keyOf({ kind, namespace, name }: ObjectId): string {
  return `${kind}/${namespace}/${name}`;
}
