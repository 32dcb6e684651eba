import { ipv6Text, isMapped } from "@dropscope/store";

/** Texts of values that come again and again, as bytes; forgotten together when they are too many. */
const KEPT = 50_000;

export interface ValueTexts {
  /** Undefined for `::`, which stands for "no address". */
  address(column: Uint8Array, row: number): Uint8Array | undefined;
  mac(words: Uint32Array, row: number): Uint8Array;
  /** The bytes are good until the next call. */
  uuid(column: Uint8Array, row: number): Uint8Array;
}

const HEX = Buffer.from(
  Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join(""),
);
const UUID_ORDER = [7, 6, 5, 4, -1, 3, 2, -1, 1, 0, -1, 15, 14, -1, 13, 12, 11, 10, 9, 8];
const DASH = 0x2d;

export function createValueTexts(): ValueTexts {
  const v4 = new Map<number, Uint8Array>();
  const macs = new Map<number, Uint8Array>();
  const uuid = Buffer.alloc(36);
  return {
    address(column, row) {
      const at = row * 16;
      if (!isMapped(column, at)) {
        const part = column.subarray(at, at + 16);
        return part.every((byte) => byte === 0) ? undefined : Buffer.from(ipv6Text(part));
      }
      const [a, b, c, d] = column.subarray(at + 12, at + 16) as unknown as number[];
      const key =
        (((a as number) * 256 + (b as number)) * 256 + (c as number)) * 256 + (d as number);
      return kept(v4, key, () => `${a}.${b}.${c}.${d}`);
    },
    mac(words, row) {
      const key = (words[2 * row + 1] as number) * 2 ** 32 + (words[2 * row] as number);
      return kept(macs, key, () =>
        key
          .toString(16)
          .padStart(12, "0")
          .replace(/..(?=.)/g, "$&:"),
      );
    },
    uuid(column, row) {
      const from = row * 16;
      let at = 0;
      for (const index of UUID_ORDER) {
        if (index < 0) uuid[at++] = DASH;
        else {
          const byte = column[from + index] as number;
          uuid[at++] = HEX[2 * byte] as number;
          uuid[at++] = HEX[2 * byte + 1] as number;
        }
      }
      return uuid;
    },
  };
}

function kept(values: Map<number, Uint8Array>, key: number, make: () => string): Uint8Array {
  let bytes = values.get(key);
  if (bytes === undefined) {
    if (values.size >= KEPT) values.clear();
    bytes = Buffer.from(make());
    values.set(key, bytes);
  }
  return bytes;
}
