import { normalizeName } from "../match/fqdn.js";
import { addressKey } from "./addresses.js";

/** One seen answer: the name meant the address from the first moment to before the second. */
export interface Resolved {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly address: string;
}

/** Which names meant an address when. */
export interface DnsNames {
  add(seen: Resolved): void;
  /** Sorted, without repeats. */
  at(address: string, time: number): readonly string[];
  all(): Iterable<Resolved>;
  /** Moments after `from` and up to `to` at which the names of an address change. */
  moments(address: string, from: number, to: number): number[];
  forget(time: number): void;
}

export function createDnsNames(): DnsNames {
  const byAddress = new Map<string, Map<string, Resolved[]>>();
  const spansOf = (address: string): Resolved[] =>
    [...(byAddress.get(addressKey(address))?.values() ?? [])].flat();
  return {
    add: (seen) => {
      const name = normalizeName(seen.name);
      const key = addressKey(seen.address);
      const names = byAddress.get(key) ?? new Map<string, Resolved[]>();
      byAddress.set(key, names);
      names.set(name, joined([...(names.get(name) ?? []), { ...seen, name }]));
    },
    at: (address, time) => {
      const names = spansOf(address)
        .filter(({ from, to }) => from <= time && time < to)
        .map(({ name }) => name);
      return [...new Set(names)].sort();
    },
    *all() {
      for (const names of byAddress.values()) for (const spans of names.values()) yield* spans;
    },
    moments: (address, from, to) =>
      spansOf(address)
        .flatMap((span) => [span.from, span.to])
        .filter((time) => from < time && time <= to),
    forget: (time) => {
      for (const [key, names] of byAddress) {
        for (const [name, spans] of names) {
          const kept = spans.filter(({ to }) => to > time);
          if (kept.length > 0) names.set(name, kept);
          else names.delete(name);
        }
        if (names.size === 0) byAddress.delete(key);
      }
    },
  };
}

/** Answers that were repeated before their time ended are one span. */
function joined(spans: readonly Resolved[]): Resolved[] {
  const result: Resolved[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && span.from <= last.to)
      result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}
