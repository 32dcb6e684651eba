/** How much the tables of a store may hold: bytes, or a part of the disks that they lie on (0 to 1). */
export type DiskBound = { readonly bytes: number } | { readonly part: number };

/** @param total bytes of the disks; 0 when that is not known, which bounds nothing */
export function boundBytes(bound: DiskBound, total: number): number | undefined {
  if ("bytes" in bound) return bound.bytes;
  return total > 0 ? bound.part * total : undefined;
}
