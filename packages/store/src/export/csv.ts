import { EXPORT_COLUMNS } from "./columns.js";

/** First line of a CSV export. */
export const CSV_HEADER = `${EXPORT_COLUMNS.map(({ name }) => name).join(",")}\n`;

const QUOTE = 0x22;
const LINE_END = 0x0a;

/** Counts rows of CSV as it passes: a line break within quotes ends no row. */
export function csvRowCounter(): { add(bytes: Uint8Array): number } {
  let quoted = false;
  return {
    add(bytes) {
      let rows = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        // A doubled quote turns it off and on again.
        if (byte === QUOTE) quoted = !quoted;
        else if (byte === LINE_END && !quoted) rows += 1;
      }
      return rows;
    },
  };
}
