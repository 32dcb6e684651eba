import { type CatalogObject, type ObjectKind, type PolicyKind } from "@dropscope/policy";

export const POLICY_KINDS: readonly PolicyKind[] = [
  "NetworkPolicy",
  "CiliumNetworkPolicy",
  "CiliumClusterwideNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
];

export const KINDS_WITHOUT_PODS: readonly ObjectKind[] = [
  ...POLICY_KINDS,
  "CiliumCIDRGroup",
  "Namespace",
  "Node",
  "Service",
];

export function isPolicyKind(kind: string): kind is PolicyKind {
  const kinds: readonly string[] = POLICY_KINDS;
  return kinds.includes(kind);
}

export type PolicyObject = Extract<CatalogObject, { readonly kind: PolicyKind }>;

export function isPolicyObject(object: CatalogObject): object is PolicyObject {
  return isPolicyKind(object.kind);
}

/** `KIND/NAMESPACE/NAME`; equal for one object, whatever it says. */
export function objectKey({
  kind,
  namespace,
  name,
}: {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): string {
  return `${kind}/${namespace}/${name}`;
}
