// Reads lists in every format and brings them into one shape in which they can be compared.
import { connectionText, parseConnectionText } from "@dropscope/policy";

/** Lines of connections, sorted: who, to whom, which. */
export function canonical(entries) {
  return mergeEntries(
    entries.map(({ from, to, conn }) => ({ from, to, said: canonicalConnections(conn) })),
  );
}

/**
 * Sorted lines of `from`, `to` and what is `said` of them, with neighbouring ranges of
 * addresses made one where the same is said: netpol-analyzer leaves them apart.
 */
export function mergeEntries(entries) {
  const merged = [];
  const groups = new Map();
  for (const { from, to, said } of entries) {
    const side = isRange(from) ? "from" : isRange(to) ? "to" : undefined;
    if (side === undefined) {
      merged.push([from, to, said]);
      continue;
    }
    const [range, other] = side === "from" ? [from, to] : [to, from];
    const key = JSON.stringify([side, other, said]);
    groups.set(key, [...(groups.get(key) ?? []), rangeOf(range)]);
  }
  for (const [key, ranges] of groups) {
    const [side, other, said] = JSON.parse(key);
    for (const range of mergeRanges(ranges))
      merged.push(side === "from" ? [range, other, said] : [other, range, said]);
  }
  return sorted(new Set(merged.map((parts) => parts.join("\t"))));
}

/** Texts by code units, which is the same everywhere. */
export function sorted(texts) {
  return [...texts].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The text again if it is no set of connections, so that it shows in a failure. */
function canonicalConnections(text) {
  return text
    .split("|")
    .map((part) => {
      const set = parseConnectionText(part.trim());
      return set === undefined ? `?${part}` : connectionText(set);
    })
    .join("|");
}

function isRange(text) {
  return text.endsWith("[External]");
}

function rangeOf(text) {
  return text.slice(0, -"[External]".length).split("-").map(toNumber);
}

function mergeRanges(ranges) {
  const merged = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1)
      previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged.map(([first, last]) => `${toText(first)}-${toText(last)}[External]`);
}

function toNumber(text) {
  return text.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

function toText(number) {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

/** Rows of CSV text, quoted cells included. */
export function csvRows(text) {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
        .slice(0, line.endsWith(",") ? undefined : -1)
        .map(([, cell]) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)),
    );
}

/** Cells of a Markdown table's rows; lines that are no rows as one cell. */
export function mdRows(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^\|[-|]+\|$/.test(line))
    .map((line) =>
      line.startsWith("|")
        ? line
            .slice(1, -1)
            .split(" | ")
            .map((cell) => cell.trim().replaceAll("\\|", "|"))
        : [line],
    );
}
