/** How a text that should be an address was read. */
export const BAD = 0;
/** Read; but what the store gives back is written differently, so the text must be kept as well. */
export const READ = 1;
/** Read, and written back exactly as it was. */
export const EXACT = 2;
export type Reading = typeof BAD | typeof READ | typeof EXACT;

// Value of a hex digit; 16 is added for a capital, 64 marks everything else.
const HEX = new Uint8Array(256).fill(64);
for (let i = 0; i < 10; i++) HEX[48 + i] = i;
for (let i = 0; i < 6; i++) {
  HEX[97 + i] = 10 + i;
  HEX[65 + i] = 26 + i;
}

/** Where the hex pairs of `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` begin. */
const UUID_PAIRS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

export function readUuid(source: Uint8Array, start: number, end: number, to: Uint8Array): Reading {
  if (end - start !== 36) return BAD;
  for (const dash of [8, 13, 18, 23]) if (source[start + dash] !== 45) return BAD;
  let seen = 0;
  for (let i = 0; i < 16; i++) {
    const at = start + UUID_PAIRS[i]!;
    const high = HEX[source[at]!]!;
    const low = HEX[source[at + 1]!]!;
    seen |= high | low;
    to[i] = ((high & 15) << 4) | (low & 15);
  }
  return seen & 64 ? BAD : seen & 16 ? READ : EXACT;
}

/** Reads `aa:bb:cc:dd:ee:ff` into two halves of a 48-bit number: `to[at]` low, `to[at + 1]` high. */
export function readMac(
  source: Uint8Array,
  start: number,
  end: number,
  to: Uint32Array,
  at: number,
): Reading {
  if (end - start !== 17) return BAD;
  let seen = 0;
  let high = 0;
  let low = 0;
  for (let i = 0; i < 6; i++) {
    const from = start + i * 3;
    if (i > 0 && source[from - 1] !== 58) return BAD;
    const first = HEX[source[from]!]!;
    const second = HEX[source[from + 1]!]!;
    seen |= first | second;
    const byte = ((first & 15) << 4) | (second & 15);
    if (i < 2) high = (high << 8) | byte;
    else low = (low << 8) | byte;
  }
  if (seen & 80) return BAD;
  to[at] = low;
  to[at + 1] = high;
  return EXACT;
}

/** Reads an IPv4 or IPv6 text into 16 bytes at `at`, which must be zero; IPv4 as `::ffff:a.b.c.d`. On BAD they are zero again. */
export function readIp(
  source: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): Reading {
  if (hasColon(source, start, end)) return readV6(source, start, end, to, at);
  if (!readV4(source, start, end, to, at + 12)) return clear(to, at);
  to[at + 10] = 0xff;
  to[at + 11] = 0xff;
  return EXACT;
}

function hasColon(source: Uint8Array, start: number, end: number): boolean {
  const limit = Math.min(end, start + 5);
  for (let i = start; i < limit; i++) if (source[i] === 58) return true;
  return false;
}

/** Four decimal numbers without leading zeros. */
function readV4(
  source: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): boolean {
  let value = -1;
  let part = 0;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (byte === 46) {
      if (value < 0 || part === 3) return false;
      to[at + part++] = value;
      value = -1;
    } else {
      const digit = byte - 48;
      if (digit < 0 || digit > 9 || value === 0) return false;
      value = value < 0 ? digit : value * 10 + digit;
      if (value > 255) return false;
    }
  }
  if (part !== 3 || value < 0) return false;
  to[at + 3] = value;
  return true;
}

const groups = new Uint16Array(8);

function readV6(
  source: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
): Reading {
  let count = 0;
  let gap = -1;
  let i = start;
  if (source[i] === 58) {
    if (source[i + 1] !== 58 || end - start < 2) return BAD;
    gap = 0;
    i += 2;
  }
  while (i < end) {
    if (count === 8) return BAD;
    let value = 0;
    const from = i;
    for (; i < end && i - from < 5; i++) {
      const digit = HEX[source[i]!]!;
      if (digit & 64) break;
      value = (value << 4) | (digit & 15);
    }
    if (i === from || i - from > 4) return BAD;
    if (i < end && source[i] === 46) {
      // The last four bytes may be written as IPv4.
      if (count > 6 || !readV4(source, from, end, to, at)) return clear(to, at);
      groups[count++] = (to[at]! << 8) | to[at + 1]!;
      groups[count++] = (to[at + 2]! << 8) | to[at + 3]!;
      break;
    }
    groups[count++] = value;
    if (i === end) break;
    if (source[i] !== 58 || ++i === end) return BAD;
    if (source[i] === 58) {
      if (gap !== -1) return BAD;
      gap = count;
      i++;
    }
  }
  if (gap === -1 ? count !== 8 : count > 7) return clear(to, at);
  const missing = 8 - count;
  for (let g = 0; g < 8; g++) {
    const value = gap === -1 || g < gap ? groups[g]! : g < gap + missing ? 0 : groups[g - missing]!;
    to[at + g * 2] = value >> 8;
    to[at + g * 2 + 1] = value & 0xff;
  }
  return isCanonicalV6(source, start, end, to, at) ? EXACT : READ;
}

function clear(to: Uint8Array, at: number): Reading {
  to.fill(0, at, at + 16);
  return BAD;
}

/** Whether the text is what the store prints: RFC 5952, and not below 2^48, where some tools print dotted numbers. */
function isCanonicalV6(
  source: Uint8Array,
  start: number,
  end: number,
  address: Uint8Array,
  at: number,
): boolean {
  const text = formatV6(address, at);
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== source[start + i]) return false;
  if (text === "::" || text === "::1" || !text.startsWith("::")) return true;
  return (address[at + 8]! | address[at + 9]!) !== 0;
}

/** RFC 5952 without the dotted form. */
function formatV6(address: Uint8Array, at: number): string {
  let best = -1;
  let length = 1;
  for (let g = 0; g < 8; g++) {
    let run = 0;
    while (
      g + run < 8 &&
      address[at + (g + run) * 2] === 0 &&
      address[at + (g + run) * 2 + 1] === 0
    )
      run++;
    if (run > length) {
      best = g;
      length = run;
    }
  }
  let text = "";
  for (let g = 0; g < 8; g++) {
    if (g === best) {
      text += "::";
      g += length - 1;
    } else {
      if (text !== "" && !text.endsWith(":")) text += ":";
      text += ((address[at + g * 2]! << 8) | address[at + g * 2 + 1]!).toString(16);
    }
  }
  return text;
}
