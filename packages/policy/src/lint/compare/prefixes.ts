import ipaddr from "ipaddr.js";
import { covers, parsePrefix as parse, type Prefix } from "../../parse/cidr.js";

export { covers, type Prefix };

/** As the API server reads it. Undefined for everything else, other types included. */
export function parsePrefix(value: unknown): Prefix | undefined {
  return typeof value === "string" ? parse(value) : undefined;
}

/** Without the bits behind the mask. */
export function maskPrefix({ bytes, bits }: Prefix): Prefix {
  const masked = bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return { bytes: masked, bits };
}

export function prefixText({ bytes, bits }: Prefix): string {
  return `${ipaddr.fromByteArray([...bytes]).toString()}/${bits}`;
}
