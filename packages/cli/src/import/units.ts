const counts = new Intl.NumberFormat("en-US");

/** `1,204`. */
export const countText = (count: number): string => counts.format(count);

/** Bytes in the unit that leaves one to three digits before the point: `14.2 MB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
