import { parseAddress } from "../match/cidr.js";

/** Equal for every way to write one address; the text itself for what is none. */
export function addressKey(text: string): string {
  return parseAddress(text)?.join(".") ?? text;
}

/** Who had an address when. Addresses are given to another pod within seconds of the first one's end. */
export interface AddressIndex {
  /** Replaces all that is known of the owner. */
  set(owner: string, spans: readonly AddressSpan[]): void;
  /** The owner at a moment; of several, the one that had it last. */
  ownerAt(address: string, time: number): string | undefined;
}

export interface AddressSpan {
  readonly from: number;
  readonly to: number;
  readonly addresses: readonly string[];
}

interface Span {
  readonly from: number;
  readonly to: number;
  readonly owner: string;
}

export function createAddressIndex(): AddressIndex {
  const spans = new Map<string, Span[]>();
  const ofOwner = new Map<string, string[]>();
  return {
    set: (owner, list) => {
      for (const key of ofOwner.get(owner) ?? []) {
        const left = (spans.get(key) ?? []).filter((span) => span.owner !== owner);
        if (left.length > 0) spans.set(key, left);
        else spans.delete(key);
      }
      const keys = new Set<string>();
      for (const { from, to, addresses } of list)
        for (const address of addresses) {
          const key = addressKey(address);
          keys.add(key);
          const others = spans.get(key);
          if (others === undefined) spans.set(key, [{ from, to, owner }]);
          else others.push({ from, to, owner });
        }
      if (keys.size > 0) ofOwner.set(owner, [...keys]);
      else ofOwner.delete(owner);
    },
    ownerAt: (address, time) => {
      let found: Span | undefined;
      for (const span of spans.get(addressKey(address)) ?? [])
        if (span.from <= time && time < span.to && (found === undefined || span.from >= found.from))
          found = span;
      return found?.owner;
    },
  };
}
