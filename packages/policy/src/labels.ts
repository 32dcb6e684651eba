import type { LabelExpression, LabelSelector } from "./policy.js";

/**
 * Labels of an endpoint as Cilium reports them (`k8s:app=web`, `reserved:host`),
 * looked up the way its selectors do.
 */
export interface EndpointLabels {
  /** Value under `key` from `source`, or from any source when none is given; undefined when absent. */
  value(key: string, source?: string): string | undefined;
}

export function parseLabels(labels: readonly string[]): EndpointLabels {
  const bySource = new Map<string, string>();
  const byKey = new Map<string, string>();
  for (const label of labels) {
    const equals = label.indexOf("=");
    const name = equals < 0 ? label : label.slice(0, equals);
    const value = equals < 0 ? "" : label.slice(equals + 1);
    const colon = name.indexOf(":");
    const key = name.slice(colon + 1);
    bySource.set(`${colon < 0 ? "unspec" : name.slice(0, colon)}:${key}`, value);
    if (!byKey.has(key)) byKey.set(key, value);
  }
  return {
    value: (key, source) =>
      source === undefined ? byKey.get(key) : bySource.get(`${source}:${key}`),
  };
}

const sources = new Set(["k8s", "reserved", "any", "cidr", "cidrgroup", "fqdn", "node", "unspec"]);

/**
 * Cilium writes the label source in front of the key (`k8s:app`); `any:` and no
 * source mean every source. Kubernetes policies mean `k8s` labels only.
 */
function lookUp(labels: EndpointLabels, key: string, kubernetes: boolean): string | undefined {
  if (kubernetes) return labels.value(key, "k8s");
  const colon = key.indexOf(":");
  const source = colon < 0 ? "" : key.slice(0, colon);
  if (!sources.has(source)) return labels.value(key);
  const bare = key.slice(colon + 1);
  return source === "any" ? labels.value(bare) : labels.value(bare, source);
}

export function selects(
  selector: LabelSelector,
  labels: EndpointLabels,
  kubernetes: boolean,
): boolean {
  for (const [key, wanted] of Object.entries(selector.matchLabels))
    if (lookUp(labels, key, kubernetes) !== wanted) return false;
  return selector.matchExpressions.every((expression) =>
    holds(expression, lookUp(labels, expression.key, kubernetes)),
  );
}

function holds({ operator, values }: LabelExpression, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    // An absent key satisfies both negations.
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
