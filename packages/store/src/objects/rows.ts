import {
  microsText,
  toMicros,
  type ObjectContent,
  type ObjectVersionRow,
  type ObjectWatch,
} from "./version.js";

type Row = Record<string, unknown>;

/** Surrogates without their half are refused by the store's JSON, and would hold up everything behind them. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** @param observedUs µs since 1970; of two rows of one version the later one counts */
export function versionRow(version: ObjectVersionRow, observedUs: number): Row {
  return {
    kind: version.kind,
    namespace: wellFormed(version.namespace),
    name: wellFormed(version.name),
    valid_from: microsText(toMicros(version.from)),
    uid: wellFormed(version.uid),
    valid_to: microsText(toMicros(version.to)),
    content: version.content,
    resource_version: wellFormed(version.resourceVersion),
    source: version.source,
    observed_at: microsText(observedUs),
  };
}

export function contentRow({ hash, spec, manifest }: ObjectContent, observedUs: number): Row {
  return {
    hash,
    spec: wellFormed(JSON.stringify(spec)),
    manifest: wellFormed(manifest),
    seen_at: microsText(observedUs).slice(0, -3),
  };
}

export function watchRow({ source, kind, listedAt, until }: ObjectWatch, observedUs: number): Row {
  return {
    source,
    kind,
    listed_at: microsText(toMicros(listedAt)),
    watched_until: microsText(toMicros(until)),
    observed_at: microsText(observedUs),
  };
}
