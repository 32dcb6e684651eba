/** A policy as one text, in addresses. Pure. */
import type { PolicyName } from "@dropscope/model";

/** `Kind/namespace/name`, with `-` for the namespace of clusterwide kinds. */
export function policyItem({ kind, namespace, name }: PolicyName): string {
  return `${kind}/${namespace === "" ? "-" : namespace}/${name}`;
}

export function policyOf(item: string): PolicyName | undefined {
  const [kind, namespace, name, ...rest] = item.split("/");
  if (!kind || !namespace || !name || rest.length > 0) return undefined;
  return { kind, namespace: namespace === "-" ? "" : namespace, name };
}
