import type { Endpoint } from "@dropscope/policy";
import {
  byTelling,
  type Labels,
  lasting,
  matches,
  namesWorkload,
  ownLabels,
} from "../suggest/labels.js";
import type { CountedEnd } from "./ends.js";

/** Which labels single a pod out. */
export interface Naming {
  /**
   * As few labels as name the pod and its replicas and no other pod of its namespace, as far as labels can:
   * the most telling one first, more only where it means others too. Undefined for a pod without lasting labels.
   */
  labelsFor(end: Endpoint): Labels | undefined;
  /** The one label that the fewest other pods of its namespace have. */
  labelFor(end: Endpoint): readonly [key: string, value: string] | undefined;
  /** Whether two ends are replicas of each other as far as policies should tell. */
  isSame(a: Endpoint, b: Endpoint): boolean;
}

export function createNaming(ends: readonly CountedEnd[]): Naming {
  const byNamespace = new Map<string, { labels: Labels; count: number }[]>();
  for (const { endpoint, count } of ends) {
    if (endpoint.kind !== "pod") continue;
    const known = byNamespace.get(endpoint.namespace) ?? [];
    byNamespace.set(endpoint.namespace, known);
    known.push({ labels: ownLabels(endpoint.labels), count });
  }
  /** Pods of the namespace that have all of the labels. */
  const meant = (namespace: string, labels: Labels): number => {
    let count = 0;
    for (const one of byNamespace.get(namespace) ?? [])
      if (matches(one.labels, labels, [])) count += one.count;
    return count;
  };
  return {
    labelsFor(end) {
      const all = lastingLabels(end);
      const keys = byTelling(all);
      const [first] = keys;
      if (first === undefined) return undefined;
      const least = meant(end.namespace, all);
      // Without a label that says what it is, nobody knows which of the others are its own.
      const chosen = namesWorkload(first) ? [first] : keys;
      const others = keys.filter((key) => !chosen.includes(key));
      while (others.length > 0 && meant(end.namespace, pick(all, chosen)) > least) {
        const counts = others.map((key) => meant(end.namespace, pick(all, [...chosen, key])));
        chosen.push(...others.splice(counts.indexOf(Math.min(...counts)), 1));
      }
      return pick(all, chosen);
    },
    labelFor(end) {
      const all = lastingLabels(end);
      const keys = byTelling(all);
      const counts = keys.map((key) => meant(end.namespace, pick(all, [key])));
      const key = keys[counts.indexOf(Math.min(...counts))];
      return key === undefined ? undefined : [key, all[key] ?? ""];
    },
    isSame(a, b) {
      if (a === b) return true;
      if (a.kind !== b.kind || a.namespace !== b.namespace) return false;
      if (a.kind === "pod") return sameLabels(lastingLabels(a), lastingLabels(b));
      if (a.kind === "address")
        return (
          a.addresses.some((address) => b.addresses.includes(address)) ||
          a.fqdns.some((name) => b.fqdns.includes(name))
        );
      return sameTexts(a.labels.texts, b.labels.texts);
    },
  };
}

/** A pod's own labels that outlast a rollout. */
function lastingLabels({ labels }: Endpoint): Labels {
  return lasting(ownLabels(labels));
}

function pick(labels: Labels, keys: readonly string[]): Labels {
  return Object.fromEntries(keys.map((key) => [key, labels[key] ?? ""]));
}

function sameLabels(a: Labels, b: Labels): boolean {
  return Object.keys(a).length === Object.keys(b).length && matches(a, b, []);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text) => b.includes(text));
}
