import { parseAddress, parseCidr } from "../match/cidr.js";

/**
 * Addresses that no CIDR of any policy tells apart share an atom: the longest of
 * all CIDRs that they lie in. A CIDR holds an address exactly if it is that one
 * or contains it, so that one address of an atom speaks for all.
 */
export interface Prefixes {
  /** Exceptions count like any other. Text that is no CIDR is left out: it matches nothing. */
  add(cidr: string): void;
  /** Atom of an address; undefined for text that is none. */
  atomOf(address: string): number | undefined;
  /** Grows whenever an atom is split. */
  count(): number;
}

/** Prefixes of one length: masked words → atom. */
interface OfLength {
  readonly bits: number;
  readonly atoms: Map<number | string, number>;
}

export function createPrefixes(): Prefixes {
  /** By the number of words of the family (1 or 4); the longest first. */
  const families = new Map<number, OfLength[]>([
    [1, []],
    [4, []],
  ]);
  // 0 and 1 are what lies in no CIDR at all, of each family.
  let next = 2;
  return {
    add: (cidr) => {
      const block = parseCidr(cidr);
      const lengths = block && families.get(block.base.length);
      if (block === undefined || lengths === undefined) return;
      let ofLength = lengths.find(({ bits }) => bits === block.bits);
      if (ofLength === undefined) {
        ofLength = { bits: block.bits, atoms: new Map() };
        lengths.push(ofLength);
        lengths.sort((a, b) => b.bits - a.bits);
      }
      const key = masked(block.base, block.bits);
      if (!ofLength.atoms.has(key)) ofLength.atoms.set(key, next++);
    },
    atomOf: (address) => {
      const words = parseAddress(address);
      if (words === undefined) return undefined;
      for (const { bits, atoms } of families.get(words.length) ?? []) {
        const atom = atoms.get(masked(words, bits));
        if (atom !== undefined) return atom;
      }
      return words.length === 1 ? 0 : 1;
    },
    count: () => next,
  };
}

function masked(words: readonly number[], bits: number): number | string {
  const parts = words.map((word, i) => {
    const left = Math.min(32, bits - i * 32);
    return left <= 0 ? 0 : left === 32 ? word : word & (-1 << (32 - left));
  });
  return parts.length === 1 ? (parts[0] ?? 0) : parts.join();
}
