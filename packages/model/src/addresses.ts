/** IP addresses as 128-bit numbers, IPv4 in its v4-mapped form, as the store keeps them. */

const V4_MAPPED = 0xffffn << 32n;
const V4_LAST = V4_MAPPED | 0xffffffffn;
const ALL_ONES = (1n << 128n) - 1n;

export interface AddressRange {
  first: bigint;
  last: bigint;
}

export function isV4(address: bigint): boolean {
  return address >= V4_MAPPED && address <= V4_LAST;
}

/** `undefined` for anything that is not an address in full. No zone, no port, no leading zeros in IPv4. */
export function parseAddress(text: string): bigint | undefined {
  if (!text.includes(":")) {
    const v4 = parseV4(text);
    return v4 === undefined ? undefined : V4_MAPPED | v4;
  }
  return parseV6(text);
}

/** An address or a CIDR, as the inclusive range it covers. An IPv6 prefix never covers IPv4. */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) {
    const address = parseAddress(text);
    return address === undefined ? undefined : { first: address, last: address };
  }
  const address = parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const v4 = !text.slice(0, slash).includes(":");
  const width = v4 ? 32 : 128;
  if (Number(digits) > width) return undefined;
  const host = (1n << BigInt(width - Number(digits))) - 1n;
  const first = address & (ALL_ONES ^ host);
  return { first, last: first | host };
}

export function rangeHolds(range: AddressRange, address: bigint): boolean {
  if (address < range.first || address > range.last) return false;
  return !isV4(address) || isV4(range.first);
}

/** Eight groups in hex, or the dotted form for a v4-mapped address. */
export function formatAddress(address: bigint): string {
  if (isV4(address)) {
    const v4 = Number(address & 0xffffffffn);
    return [v4 >>> 24, (v4 >>> 16) & 255, (v4 >>> 8) & 255, v4 & 255].join(".");
  }
  const groups: string[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) {
    groups.push(((address >> shift) & 0xffffn).toString(16));
  }
  return groups.join(":");
}

function parseV4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const part of match.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  let head = text;
  let tail: bigint | undefined;
  const lastColon = text.lastIndexOf(":");
  if (text.includes(".")) {
    tail = parseV4(text.slice(lastColon + 1));
    if (tail === undefined) return undefined;
    head = `${text.slice(0, lastColon + 1)}0:0`;
  }
  const halves = head.split("::");
  if (halves.length > 2) return undefined;
  const left = groupsOf(halves[0] ?? "");
  const right = halves.length === 2 ? groupsOf(halves[1] ?? "") : [];
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => 0n), ...right];
  const value = groups.reduce((sum, group) => (sum << 16n) | group, 0n);
  return tail === undefined ? value : value | tail;
}

function groupsOf(text: string): bigint[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.map((group) => BigInt(`0x${group}`));
}
