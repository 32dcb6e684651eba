import { parseManifests, type Policy } from "@dropscope/policy";

/** A policy that isolates every pod of the namespace in both directions and allows nothing. */
export function defaultDenyYaml(namespace: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: ${namespace}
spec:
  podSelector: {}
  policyTypes:
    - Ingress
    - Egress
`;
}

/** The same in normal form, under a name that no object can have. */
export function defaultDeny(namespace: string): Policy[] {
  return parseManifests(defaultDenyYaml(namespace), "default-deny").policies.map((policy) =>
    Object.assign({}, policy, { name: MADE }),
  );
}

const MADE = "(default deny)";

export function isMade({ name }: Pick<Policy, "name">): boolean {
  return name === MADE;
}
