import ipaddr from "ipaddr.js";

/** An IP prefix: bytes of the address as written, and the length of its mask in bits. */
export interface Prefix {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/**
 * `10.0.0.0/8`, `fd00::/8`. Strict as Go is: four decimal parts without leading
 * zeros, no zone. Undefined: not a prefix.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const length = text.slice(slash + 1);
  if (!/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bytes = parseAddress(text.slice(0, slash));
  const bits = Number(length);
  return bytes && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** Bytes of an address: 4 or 16. Undefined: not an address. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (text.length > 45 || text.includes("%")) return undefined;
  if (!text.includes(":"))
    return /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text) && ipaddr.IPv4.isValid(text)
      ? ipaddr.IPv4.parse(text).octets
      : undefined;
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toByteArray() : undefined;
}

/** Whether `outer` covers the whole of `inner`. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return (
    outer.bytes.length === inner.bytes.length &&
    outer.bits <= inner.bits &&
    samePrefix(outer.bytes, inner.bytes, outer.bits)
  );
}

export function samePrefix(
  left: readonly number[],
  right: readonly number[],
  bits: number,
): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const mask = 0xff & (0xff00 >> Math.min(8, bits - index * 8));
    if ((left[index]! & mask) !== (right[index]! & mask)) return false;
  }
  return true;
}
