import type { Coded, FlowBlock, Lists, Numbers, Sixteen, Texts, Wide } from "@dropscope/store";

/** The columns of a block by what they hold, looked up once. */
export class Columns {
  readonly block: FlowBlock;

  constructor(block: FlowBlock) {
    this.block = block;
  }

  numbers(name: string): Numbers["data"] {
    return (this.block.column(name) as Numbers).data;
  }

  words(name: string): Uint32Array {
    return (this.block.column(name) as Wide).words;
  }

  sixteen(name: string): Uint8Array {
    return (this.block.column(name) as Sixteen).bytes;
  }

  texts(name: string): Texts {
    return this.block.column(name) as Texts;
  }

  coded(name: string): Coded {
    return this.block.column(name) as Coded;
  }

  lists(name: string): Lists {
    return this.block.column(name) as Lists;
  }
}

export function key64(words: Uint32Array, at: number): string {
  const high = words[2 * at + 1] as number;
  const low = words[2 * at] as number;
  return high === 0 ? String(low) : String((BigInt(high) << 32n) | BigInt(low));
}
