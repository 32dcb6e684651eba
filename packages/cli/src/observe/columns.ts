/** Space between columns, and the narrowest one, as the hubble CLI sets its tab writer. */
const PADDING = 3;
const MIN_WIDTH = 2;

/**
 * Aligns the columns of tab-separated lines: a column is as wide as its widest cell plus the
 * padding, and the last cell of a line is never padded.
 */
export function alignColumns(lines: readonly string[][]): string {
  const widths: number[] = [];
  for (const cells of lines) {
    for (let index = 0; index < cells.length - 1; index += 1) {
      const width = Math.max(MIN_WIDTH, length(cells[index]) + PADDING);
      if (width > (widths[index] ?? 0)) widths[index] = width;
    }
  }
  let text = "";
  for (const cells of lines) {
    for (const [index, cell] of cells.entries()) {
      text += cell;
      if (index < cells.length - 1) text += " ".repeat((widths[index] ?? 0) - length(cell));
    }
    text += "\n";
  }
  return text;
}

/** Characters, not UTF-16 units: the original counts runes. */
function length(cell: string | undefined): number {
  if (cell === undefined) return 0;
  let count = cell.length;
  for (let index = 0; index < cell.length; index += 1) {
    if ((cell.charCodeAt(index) & 0xfc00) === 0xdc00) count -= 1;
  }
  return count;
}
