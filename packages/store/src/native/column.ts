import type { AtomTable } from "./atoms.js";
import type { Output } from "./output.js";

/**
 * One column of an open block. Rows are written in order, each at most once, and a row that
 * is not written has the default of its type. A column that nobody wrote costs nothing until
 * the block is finished, and then its zeros.
 */
export interface NativeColumn {
  /** Makes room for `rows` rows. */
  reserve(rows: number): void;
  /** Bytes of the column's data (without name and type) for `rows` rows. */
  size(rows: number): number;
  write(out: Output, rows: number): void;
  /** Back to an empty column that had `rows` rows. */
  reset(rows: number): void;
}

/** What the columns of a block share. */
export interface BlockContext {
  readonly atoms: AtomTable;
}
