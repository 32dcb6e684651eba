import type { FlowFilter } from "@dropscope/hubble";
import { CODE, GrpcError } from "../grpc/status.js";

/** Values of all filters together. Each becomes a comparison in the query. */
export const MAX_VALUES = 2_000;
/** Bytes of all texts: they travel in the address of the store's request, where a server takes 1 MiB escaped. */
export const MAX_TEXT_BYTES = 128 * 1024;
/** Each of these runs over the rows that are left; some hundred of them would take the store for themselves. */
export const MAX_PATTERNS = 100;

const PATTERNS: readonly (keyof FlowFilter)[] = [
  "httpPath",
  "httpUrl",
  "dnsQuery",
  "sourceLabel",
  "destinationLabel",
  "nodeLabels",
];

/**
 * Bounds what one question may cost before anything is made of it.
 * @throws GrpcError INVALID_ARGUMENT
 */
export function checkSize(
  whitelist: readonly FlowFilter[],
  blacklist: readonly FlowFilter[],
): void {
  let values = 0;
  let bytes = 0;
  let patterns = 0;
  for (const filter of [...whitelist, ...blacklist]) {
    values++;
    for (const [name, list] of Object.entries(filter)) {
      if (!Array.isArray(list)) continue;
      values += list.length;
      if ((PATTERNS as string[]).includes(name)) patterns += list.length;
      for (const value of list as unknown[]) bytes += textBytes(value);
    }
  }
  refuse(values, MAX_VALUES, "filters and values");
  refuse(bytes, MAX_TEXT_BYTES, "bytes of values");
  refuse(patterns, MAX_PATTERNS, "regular expressions and label selectors");
}

function textBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + textBytes(part), 0);
}

function refuse(found: number, most: number, what: string): void {
  if (found <= most) return;
  throw new GrpcError(
    CODE.invalidArgument,
    `the whitelist and blacklist hold ${found} ${what}; at most ${most} are answered`,
  );
}
