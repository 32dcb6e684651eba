import ipaddr from "ipaddr.js";

/** An address as words of 32 bits, most significant first: one for IPv4, four for IPv6. */
export type Words = readonly number[];

export interface Cidr {
  readonly base: Words;
  readonly bits: number;
}

/** Texts recur for every decision, so that what they parse to is kept; bounded because they come from outside. */
const MAX_REMEMBERED = 65_536;
const addresses = new Map<string, Words | undefined>();
const cidrs = new Map<string, Cidr | undefined>();

/** Undefined for what is no address. An IPv4 address mapped into IPv6 is the IPv4 address. */
export function parseAddress(text: string): Words | undefined {
  return remember(addresses, text, readAddress);
}

/** Undefined for what is no CIDR. A single address is a CIDR of its own; host bits are masked away. */
export function parseCidr(text: string): Cidr | undefined {
  return remember(cidrs, text, readCidr);
}

export function cidrContains(cidr: string, address: string): boolean {
  const block = parseCidr(cidr);
  const words = parseAddress(address);
  return block !== undefined && words !== undefined && contains(block, words);
}

/** In the block and in none of the exceptions. An exception that is no CIDR takes nothing away. */
export function inBlock(cidr: string, except: readonly string[], address: string): boolean {
  return cidrContains(cidr, address) && !except.some((part) => cidrContains(part, address));
}

export function isIPv4(address: string): boolean {
  return parseAddress(address)?.length === 1;
}

export function contains(block: Cidr, words: Words): boolean {
  if (block.base.length !== words.length) return false;
  let left = block.bits;
  for (let i = 0; left > 0; i++, left -= 32) {
    const mask = left >= 32 ? 0xffff_ffff : -1 << (32 - left);
    if ((((block.base[i] ?? 0) ^ (words[i] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function readAddress(text: string): Words | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return toWords(ipaddr.IPv4.parse(text).octets);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress()
    ? toWords(address.toIPv4Address().octets)
    : toWords(address.toByteArray());
}

function readCidr(text: string): Cidr | undefined {
  const slash = text.indexOf("/");
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (base === undefined) return undefined;
  const width = base.length * 32;
  if (slash < 0) return { base, bits: width };
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return undefined;
  return { base, bits: Number(length) };
}

function toWords(bytes: readonly number[]): Words {
  const words: number[] = [];
  for (let i = 0; i < bytes.length; i += 4)
    words.push(
      ((bytes[i] ?? 0) << 24) |
        ((bytes[i + 1] ?? 0) << 16) |
        ((bytes[i + 2] ?? 0) << 8) |
        (bytes[i + 3] ?? 0),
    );
  return words;
}

function remember<T>(cache: Map<string, T>, text: string, read: (text: string) => T): T {
  const known = cache.get(text);
  if (known !== undefined || cache.has(text)) return known as T;
  if (cache.size >= MAX_REMEMBERED) cache.clear();
  const value = read(text);
  cache.set(text, value);
  return value;
}
