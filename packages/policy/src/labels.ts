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
