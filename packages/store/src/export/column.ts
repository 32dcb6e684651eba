import type { PRESENT } from "../schema/flows.js";
import type { Side, ViewerColumns } from "../read/columns.js";
import type { Params } from "../read/params.js";

/**
 * What a cell of an export holds. `list` is a list of texts: a list in Parquet, a JSON array
 * in CSV. Numbers that may be absent are null (an empty cell), never 0.
 */
export type ExportKind = "time" | "text" | "number" | "truth" | "list";

/** One column of exported flows. Names are stable: one is never renamed or removed, new ones go to the end. */
export interface ExportColumn {
  readonly name: string;
  readonly kind: ExportKind;
  readonly comment: string;
  /** The expression over a row of `flows`, as its viewer may see it. */
  sql(view: ExportView): string;
}

/** What a viewer's rights make of a row. Mirrors `cutFlow` of the model. */
export interface ExportView {
  readonly columns: ViewerColumns;
  readonly params: Params;
  /** Sees every namespace and every request. */
  readonly seesAll: boolean;
  /** "1" where both ends are seen in full. */
  readonly bothEnds: string;
  /** The expression, or what is empty where the content of the request is not the viewer's. */
  layer7(sql: string, empty: string): string;
  /** The expression, or what is empty where this end is cut. */
  end(side: Side, sql: string, empty: string): string;
  /** The label set behind a key; empty when there is none. */
  labels(key: string): string;
  /** Names of the policies behind an array of keys, as far as the viewer may see them. */
  policies(keys: string): string;
}

export type PresentBit = keyof typeof PRESENT;
