/** How many bits of an address count: 32 and 128 name it alone. */
export interface Prefixes {
  readonly v4: number;
  readonly v6: number;
}

export const SINGLE: Prefixes = { v4: 32, v6: 128 };

/** The block around an address: its first bits, the others 0. As RFC 5952 writes it for IPv6. */
export function blockOf(address: string, { v4, v6 }: Prefixes): string {
  if (!address.includes(":")) {
    const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const size = 2 ** (32 - v4);
    const start = Math.floor(number / size) * size;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
    return `${parts.join(".")}/${v4}`;
  }
  const masked = groupsOf(address).map((group, at) => {
    const bits = Math.max(0, Math.min(16, v6 - at * 16));
    return group & (0xffff << (16 - bits)) & 0xffff;
  });
  return `${textOf(masked)}/${v6}`;
}

function groupsOf(address: string): number[] {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const first = partsOf(head);
  if (tail === undefined) return first;
  const last = partsOf(tail);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function partsOf(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

/** The longest run of zeros as `::`. */
function textOf(groups: readonly number[]): string {
  let [start, length] = [-1, 1];
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > length) [start, length] = [at, end - at];
  }
  const hex = (some: readonly number[]): string => some.map((one) => one.toString(16)).join(":");
  if (start < 0) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

const BROADCAST = "255.255.255.255";

/** Whether an address means many at once: nobody connects to it. */
export function isForMany(address: string): boolean {
  if (address.includes(":")) return /^ff/i.test(address);
  const first = Number(address.split(".")[0]);
  return (first >= 224 && first < 240) || address === BROADCAST;
}
