import { type Cidr, contains, parseAddress, type Words } from "../../match/cidr.js";

/** Addresses of many objects, in the order in which they were given. */
export interface AddressIndex<Owner> {
  /** The first owner of an address in the block that is accepted; a block without any costs next to nothing. */
  firstIn(block: Cidr, accepts: (words: Words) => boolean): Owner | undefined;
}

interface Entry<Owner> {
  readonly words: Words;
  readonly owner: Owner;
}

/** What is no address is left out. */
export function indexAddresses<Owner>(
  all: Iterable<readonly [address: string, owner: Owner]>,
): AddressIndex<Owner> {
  const entries: Entry<Owner>[] = [];
  for (const [address, owner] of all) {
    const words = parseAddress(address);
    if (words !== undefined) entries.push({ words, owner });
  }
  const sorted = entries.map(({ words }) => words).sort(compare);

  /** The addresses of a block lie together: behind the first that is not before it. */
  const hasAny = (block: Cidr): boolean => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (
        compare(sorted[middle] as Words, block.base) < 0 &&
        !contains(block, sorted[middle] as Words)
      )
        low = middle + 1;
      else high = middle;
    }
    const found = sorted[low];
    return found !== undefined && contains(block, found);
  };

  return {
    firstIn: (block, accepts) =>
      hasAny(block)
        ? entries.find(({ words }) => contains(block, words) && accepts(words))?.owner
        : undefined,
  };
}

/** Shorter ones (IPv4) first, then as numbers without a sign. */
function compare(a: Words, b: Words): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const difference = ((a[i] as number) >>> 0) - ((b[i] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
