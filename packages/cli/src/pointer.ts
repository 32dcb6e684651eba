import { cleanText, type FilterError } from "@dropscope/model";

/** What fits beside the margin of a narrow terminal. */
const WIDTH = 72;
const MARGIN = "    ";

/** The filter line with a mark under the words that are wrong, as two lines; "" where no place is known. */
export function pointer({ at, line }: Pick<FilterError, "at" | "line">): string {
  if (at === undefined || line === undefined) return "";
  const [start, end] = at;
  // Of a long line only what is around the place.
  const from = end <= WIDTH ? 0 : Math.max(0, Math.min(start - 20, line.length - WIDTH));
  const lead = from > 0 ? "… " : "";
  const before = lead + cleanText(line.slice(from, start), WIDTH);
  const wrong = cleanText(line.slice(start, end), WIDTH - Math.min(before.length, WIDTH / 2));
  const rest = WIDTH - before.length - wrong.length;
  const after = rest > 1 ? cleanText(line.slice(end), rest) : "";
  return `${MARGIN}${before}${wrong}${after}\n${MARGIN}${" ".repeat(before.length)}${"^".repeat(Math.max(1, wrong.length))}\n`;
}
