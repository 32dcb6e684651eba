import type { TableBlock } from "../batch.js";
import type { Column } from "../schema/column.js";
import type { SpooledTable } from "../schema/side-tables.js";
import { AtomTable } from "./atoms.js";
import type { NativeColumn } from "./column.js";
import { type HandleOf, makeColumn } from "./handle.js";
import { Output, varintSize } from "./output.js";

/** Typed handles by column name. */
export type Handles<Columns extends readonly Column[]> = {
  readonly [C in Columns[number] as C["name"]]: HandleOf<C["type"]>;
};

/**
 * Rows of one table, column by column, until they leave as one ClickHouse `Native` block.
 *
 *     const row = block.addRow();
 *     block.columns.src_port.set(row, 443);
 *     block.finish("flows");
 *
 * A row that `addRow` gave belongs to the block: there is no way to take it back.
 */
export class BlockBuilder<const Columns extends readonly Column[]> {
  readonly columns: Handles<Columns>;
  /** The strings of low-cardinality columns. Builders may share one table; see `AtomTable.clear`. */
  readonly atoms: AtomTable;
  readonly #schema: Columns;
  readonly #list: readonly NativeColumn[];
  #capacity = 1024;
  #rows = 0;

  /** @throws Error when a column has a type that cannot be built. */
  constructor(schema: Columns, atoms = new AtomTable()) {
    this.#schema = schema;
    this.atoms = atoms;
    this.#list = schema.map((column) => makeColumn(column.type, { atoms }));
    this.columns = Object.fromEntries(
      schema.map((column, i) => [column.name, this.#list[i]]),
    ) as unknown as Handles<Columns>;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds a row of defaults and returns its number. */
  addRow(): number {
    if (this.#rows === this.#capacity) {
      this.#capacity *= 2;
      for (const column of this.#list) column.reserve(this.#capacity);
    }
    return this.#rows++;
  }

  /** The rows as one block in one chunk with an ArrayBuffer of its own; the builder is empty after it. */
  finish(table: SpooledTable): TableBlock {
    const rows = this.#rows;
    return { table, rows, chunks: [this.build()] };
  }

  /** The rows as the body of an insert, for tables that do not go through the spool; the builder is empty after it. */
  build(): Uint8Array {
    const rows = this.#rows;
    let size = varintSize(this.#schema.length) + varintSize(rows);
    for (const [i, column] of this.#list.entries()) {
      const { name, type } = this.#schema[i]!;
      // Names and types are ASCII.
      size += varintSize(name.length) + name.length + varintSize(type.length) + type.length;
      size += column.size(rows);
    }
    const out = new Output(size);
    out.varint(this.#schema.length);
    out.varint(rows);
    for (const [i, column] of this.#list.entries()) {
      const { name, type } = this.#schema[i]!;
      out.text(name);
      out.text(type);
      column.write(out, rows);
    }
    if (out.at !== size) throw new Error(`block: ${out.at} bytes instead of ${size}`);
    this.reset();
    return out.bytes;
  }

  reset(): void {
    for (const column of this.#list) column.reset(this.#rows);
    this.#rows = 0;
  }
}
