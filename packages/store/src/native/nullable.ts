import type { NativeColumn } from "./column.js";
import { Fixed8, Fixed32, Fixed64 } from "./fixed.js";
import type { Output } from "./output.js";

/** Rows that are not written are NULL. Native has a byte map before the values, where 1 is NULL. */
class NullableColumn<Inner extends NativeColumn> implements NativeColumn {
  protected readonly inner: Inner;
  readonly #there = new Fixed8();

  constructor(inner: Inner) {
    this.inner = inner;
  }

  protected mark(row: number): void {
    this.#there.set(row, 1);
  }

  reserve(rows: number): void {
    this.inner.reserve(rows);
    this.#there.reserve(rows);
  }

  size(rows: number): number {
    return rows + this.inner.size(rows);
  }

  write(out: Output, rows: number): void {
    for (let row = 0; row < rows; row++) out.bytes[out.at + row] = 1 - this.#there.data[row]!;
    out.zeros(rows);
    this.inner.write(out, rows);
  }

  reset(rows: number): void {
    this.inner.reset(rows);
    this.#there.reset(rows);
  }
}

/** Nullable(Int32). */
export class Nullable32 extends NullableColumn<Fixed32> {
  constructor() {
    super(new Fixed32());
  }

  set(row: number, value: number): void {
    this.inner.set(row, value);
    this.mark(row);
  }
}

/** Nullable(DateTime64). */
export class Nullable64 extends NullableColumn<Fixed64> {
  constructor() {
    super(new Fixed64());
  }

  setBig(row: number, value: bigint): void {
    this.inner.setBig(row, value);
    this.mark(row);
  }
}
