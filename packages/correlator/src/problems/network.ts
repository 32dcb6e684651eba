import { formatAddress, isV4, parseAddress } from "@dropscope/model";

/** The /24 or /64 that an address lies in; undefined for what is no address. */
export function networkOf(address: string): string | undefined {
  const number = parseAddress(address);
  if (number === undefined) return undefined;
  return isV4(number)
    ? `${formatAddress((number >> 8n) << 8n)}/24`
    : `${formatAddress((number >> 64n) << 64n)}/64`;
}
