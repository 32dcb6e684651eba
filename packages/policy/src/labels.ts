import type { LabelExpression, LabelSelector } from "./policy.js";

/**
 * Labels of an endpoint as Cilium reports them (`k8s:app=web`, `reserved:host`),
 * looked up the way its selectors do.
 */
export interface EndpointLabels {
  /** As they were given: `source:key=value`. */
  readonly texts: readonly string[];
  /** Value under `key` from `source`, or from any source when none is given; undefined when absent. */
  value(key: string, source?: string): string | undefined;
}

/** One label in its parts; without a source it is of source `unspec`. */
export interface Label {
  readonly source: string;
  readonly key: string;
  readonly value: string;
}

export function parseLabel(text: string): Label {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const colon = name.indexOf(":");
  return {
    source: colon < 0 ? "unspec" : name.slice(0, colon),
    key: name.slice(colon + 1),
    value: equals < 0 ? "" : text.slice(equals + 1),
  };
}

export function parseLabels(texts: readonly string[]): EndpointLabels {
  // Read on first use: most label sets are only compared as a whole.
  let bySource: Map<string, string> | undefined;
  const byKey = new Map<string, string>();
  const read = (): Map<string, string> => {
    const map = new Map<string, string>();
    for (const text of texts) {
      const { source, key, value } = parseLabel(text);
      map.set(`${source}:${key}`, value);
      if (!byKey.has(key)) byKey.set(key, value);
    }
    return map;
  };
  return {
    texts,
    value: (key, source) => {
      bySource ??= read();
      return source === undefined ? byKey.get(key) : bySource.get(`${source}:${key}`);
    },
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
