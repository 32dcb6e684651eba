import type { ExportColumn } from "./column.js";
import { EXPORT_COLUMNS } from "./columns.js";
import type { ExportFormat } from "./formats.js";
import type { ViewSql } from "./view.js";

/** Rows of one query of an export. */
export interface ExportRows {
  readonly where: string;
  /** Placeholders, where not all rows are wanted. */
  readonly limit?: { readonly from: "oldest" | "newest"; readonly count: string };
  readonly offset?: string;
}

/**
 * SELECT of an export, oldest first. The rows are sorted before anything is looked up, as they are
 * narrow then, and one row comes of one.
 */
export function exportSelect(format: ExportFormat, rows: ExportRows, sql: ViewSql): string {
  const cells = EXPORT_COLUMNS.map(
    (column) => `${cellOf(format, column, column.sql(sql.view))} AS \`out_${column.name}\``,
  );
  const { limit } = rows;
  const chosen =
    limit?.from === "newest"
      ? `SELECT * FROM (SELECT * FROM flows WHERE ${rows.where} ORDER BY time DESC, uuid DESC LIMIT ${limit.count}) ORDER BY time, uuid`
      : `SELECT * FROM flows WHERE ${rows.where} ORDER BY time, uuid${limit === undefined ? "" : ` LIMIT ${limit.count}`}`;
  const named = EXPORT_COLUMNS.map(({ name }) => `\`out_${name}\` AS \`${name}\``).join(", ");
  return `${sql.lookups(rows.where)}
SELECT ${named} FROM (
SELECT ${cells.join(",\n")} FROM (${chosen}${rows.offset === undefined ? "" : ` OFFSET ${rows.offset}`}))`;
}

/**
 * A text cell that a spreadsheet would take for a formula begins with an apostrophe, as the usual
 * guidance has it; so does one that begins with apostrophes and would then be one, so that taking
 * one away gives back what was there.
 */
const FORMULA = String.raw`^'*(?:[ ]*[=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]|[\t\r\n])`;

function cellOf(format: ExportFormat, column: ExportColumn, sql: string): string {
  if (format !== "csv") return sql;
  switch (column.kind) {
    case "text":
      return `if(match(${sql}, ${FORMULA_SQL}), concat('''', ${sql}), ${sql})`;
    // Begins with a bracket, so it is no formula.
    case "list":
      return `toJSONString(${sql})`;
    case "number":
    case "time":
    case "truth":
      return sql;
  }
}

const FORMULA_SQL = `'${FORMULA.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
