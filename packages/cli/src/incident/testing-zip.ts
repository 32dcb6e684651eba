/** Zip files as somebody with bad intentions would write them: every field is his to choose. For tests. */
export interface RawEntry {
  readonly name: string;
  readonly data: Buffer;
  /** Of the upper half of the external attributes; a plain file when absent. */
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  /** What the entry says that it unpacks to; the truth when absent. */
  readonly unpacked?: number;
  /** What the entry says that it takes; the truth when absent. */
  readonly packed?: number;
  /** Index of the entry whose bytes it shares. */
  readonly over?: number;
}

/** CRC-32 is not looked at by what reads bundles: their files have hashes. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const name = Buffer.from(entry.name);
    const fields = (): Buffer => {
      const half = Buffer.alloc(26);
      half.writeUInt16LE(20, 0);
      half.writeUInt16LE((entry.flags ?? 0) | 0x800, 2);
      half.writeUInt16LE(entry.method ?? 0, 4);
      half.writeUInt32LE(entry.packed ?? entry.data.length, 14);
      half.writeUInt32LE(entry.unpacked ?? entry.data.length, 18);
      half.writeUInt16LE(name.length, 22);
      return half;
    };
    offsets.push(entry.over === undefined ? at : (offsets[entry.over] ?? 0));
    if (entry.over === undefined) {
      const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields(), name, entry.data]);
      parts.push(local);
      at += local.length;
    }
    const head = Buffer.alloc(6);
    head.write("PK\u0001\u0002", "latin1");
    head.writeUInt16LE((3 << 8) | 20, 4);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100_644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offsets[index] ?? 0, 10);
    central.push(Buffer.concat([head, fields(), tail, name]));
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}
