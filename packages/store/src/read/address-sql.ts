import { type AddressRange, formatAddress, isV4 } from "@dropscope/model";
import type { Params } from "./params.js";
import { and, or } from "./sql.js";

/** `::` in the column also means "no address": then the bit decides. */
export function addressSql(
  column: string,
  isSet: string,
  ranges: readonly AddressRange[],
  params: Params,
): string {
  const ip = (address: bigint): string => params.add("IPv6", ipv6Text(address));
  const tests = ranges.map((range) => {
    if (range.first === range.last)
      return and([`${column} = ${ip(range.first)}`, range.first === 0n ? isSet : "1"]);
    const inside = [`${column} >= ${ip(range.first)}`, `${column} <= ${ip(range.last)}`];
    const v4Inside = !isV4(range.first) && range.first <= V4_FIRST && range.last >= V4_FIRST;
    if (v4Inside) inside.push(`NOT (${column} >= ${ip(V4_FIRST)} AND ${column} <= ${ip(V4_LAST)})`);
    // Only where the column is `::`: every other address of the range is one.
    return and([...inside, range.first === 0n ? or([`${column} != ${ip(0n)}`, isSet]) : "1"]);
  });
  return or(tests);
}

const V4_FIRST = 0xffffn << 32n;
const V4_LAST = V4_FIRST | 0xffffffffn;

function ipv6Text(address: bigint): string {
  return isV4(address) ? `::ffff:${formatAddress(address)}` : formatAddress(address);
}
