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
  let byKey: Map<string, Held> | undefined;
  return {
    texts,
    value: (key, source) => {
      byKey ??= heldByKey(texts);
      const held = byKey.get(key);
      if (held === undefined || source === undefined) return held?.any;
      return held.source === source ? held.value : held.others?.get(source);
    },
  };
}

/** What stands under one key. Nearly always of one source, which is looked up without making a text. */
interface Held {
  /** Of any source: the first that is given. */
  readonly any: string;
  readonly source: string;
  value: string;
  others?: Map<string, string>;
}

function heldByKey(texts: readonly string[]): Map<string, Held> {
  const byKey = new Map<string, Held>();
  for (const text of texts) {
    const { source, key, value } = parseLabel(text);
    const held = byKey.get(key);
    if (held === undefined) byKey.set(key, { any: value, source, value });
    else if (held.source === source) held.value = value;
    else (held.others ??= new Map()).set(source, value);
  }
  return byKey;
}
