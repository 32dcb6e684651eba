export type Row = readonly string[];

/** One line of CSV, quoted where it must be (RFC 4180), with its line end. */
export function csvLine(row: Row): string {
  return `${row.map((cell) => (/[",\r\n]/.test(cell) || /^\s/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}

/** A Markdown table. Bars in a cell would end it. */
export function table(header: Row, rows: readonly Row[]): string {
  return [
    mdLine(header),
    `|${header.map((cell) => "-".repeat(cell.length + 2)).join("|")}|\n`,
    ...rows.map(mdLine),
  ].join("");
}

function mdLine(row: Row): string {
  return `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}
