import type { ImportCounts, ImportedFile, ImportSummary } from "@dropscope/ingester";
import type { DropscopeError } from "@dropscope/model";
import { countText } from "./units.js";

/**
 * What an import did, for people: one line per file where there are several, then the sum,
 * then what deserves a look. No line ends in a line break.
 */
export function importReport(summary: ImportSummary): string[] {
  const several = summary.files.length > 1;
  const lines = several
    ? summary.files.filter(({ error }) => !error).map((file) => `${file.name}: ${counted(file)}`)
    : [];
  lines.push(`${several ? "all: " : ""}${counted(summary)}`);
  for (const file of summary.files) lines.push(...remarks(file));
  const { fields, enums } = summary.unknowns;
  if (fields.size > 0) lines.push(`fields of a newer Hubble were left out: ${names(fields)}`);
  if (enums.size > 0) lines.push(`names of a newer Hubble were left out: ${names(enums)}`);
  if (summary.interrupted) lines.push("stopped before the end; what was read is stored");
  return lines;
}

/** The error of the import as a whole: the first file's that has one. */
export function importError(summary: ImportSummary): DropscopeError | undefined {
  return summary.files.find((file) => file.error !== undefined)?.error;
}

function counted(counts: ImportCounts): string {
  const parts = [
    `${countText(counts.read)} read`,
    `${countText(counts.stored)} stored`,
    `${countText(counts.repeated)} repeated`,
    `${countText(counts.rejected)} rejected${reasons(counts)}`,
  ];
  const more: [number, string][] = [
    [counts.losses, `losses (${countText(counts.lostEvents)} events)`],
    [counts.lossesRepeated, "losses repeated"],
    [counts.nodeStatus, "node status messages skipped"],
    [counts.otherEvents, "agent and debug events skipped"],
    [counts.textLines, "lines of text skipped"],
    [counts.foreign, "other JSON objects skipped"],
  ];
  for (const [count, what] of more) if (count > 0) parts.push(`${countText(count)} ${what}`);
  return parts.join(", ");
}

function reasons(counts: ImportCounts): string {
  const by = Object.entries(counts.rejectedBy);
  if (by.length === 0) return "";
  return ` (${by.map(([reason, count]) => `${reason} ${countText(count)}`).join(", ")})`;
}

function remarks(file: ImportedFile): string[] {
  const lines: string[] = [];
  if (file.damage !== undefined)
    lines.push(`${file.name} is damaged: ${file.damage}; what stood before it is imported`);
  if (file.error !== undefined) return lines;
  for (const { line, message } of file.rejections) lines.push(`${file.name}:${line}: ${message}`);
  const more = file.rejected - file.rejections.length;
  if (more > 0) lines.push(`${file.name}: ${countText(more)} more were rejected`);
  return lines;
}

/** The most frequent names first, with how often they were seen. */
function names(seen: ReadonlyMap<string, number>): string {
  const sorted = [...seen].sort((a, b) => b[1] - a[1]);
  const shown = sorted.slice(0, 5).map(([name, count]) => `${name} (${countText(count)})`);
  const more = sorted.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
