/** A string literal. Backslash is an escape inside quotes, so both are escaped. */
export function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

const SKIPPED = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()+/;

/** The statement without the comments and brackets before its first word. */
function body(sql: string): string {
  return sql.replace(SKIPPED, "");
}

export type StatementKind = "read" | "insert" | "write";

/** What a statement does, by its first word. */
export function statementKind(sql: string): StatementKind {
  const word = /^[a-z]+/i.exec(body(sql))?.[0].toUpperCase() ?? "";
  if (word === "INSERT") return "insert";
  if (["SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK"].includes(word))
    return "read";
  return "write";
}

/** Only plain selects can be streamed by the engine. */
export function isSelect(sql: string): boolean {
  return /^(?:SELECT|WITH)\b/i.test(body(sql));
}

const TRAILING_FORMAT = /\bFORMAT\s+([A-Za-z0-9_]+)\s*;?\s*$/i;

/** Takes the FORMAT clause off the end. */
export function splitFormat(sql: string): { sql: string; format?: string } {
  const found = TRAILING_FORMAT.exec(sql);
  if (!found) return { sql: sql.replace(/;\s*$/, "") };
  return { sql: sql.slice(0, found.index), format: found[1] as string };
}

/**
 * Formats in which the pieces of a streamed result can be joined. The engine writes
 * every piece as a document of its own, so formats with a header or a frame are not among them.
 */
const STREAMABLE = new Set([
  "JSONEachRow",
  "JSONStringsEachRow",
  "JSONCompactEachRow",
  "JSONCompactStringsEachRow",
  "TabSeparated",
  "TSV",
  "TabSeparatedRaw",
  "TSVRaw",
  "CSV",
  "RowBinary",
  "Native",
  "LineAsString",
  "RawBLOB",
]);

export function isStreamable(format: string): boolean {
  return STREAMABLE.has(format);
}

/**
 * Formats that are whole only with their end. The engine hands over an answer in one piece, which
 * must not be held for a file of gigabytes: it writes these into a file as it reads.
 */
const FILES = new Set(["Parquet"]);

export function isFile(format: string): boolean {
  return FILES.has(format);
}

/** `INSERT INTO t (a, b) FORMAT Native` cut into what comes before the format, and the format. */
export function splitInsert(sql: string): { head: string; format: string } | undefined {
  const { sql: head, format } = splitFormat(sql);
  return format === undefined ? undefined : { head: head.trim(), format };
}

/** Names of the `{name:Type}` parameters that a statement asks for. */
export function parametersOf(sql: string): Set<string> {
  const names = new Set<string>();
  for (const found of sql.matchAll(/\{\s*([A-Za-z_]\w*)\s*:/g)) names.add(found[1] as string);
  return names;
}

const NAME = /^[A-Za-z_]\w*$/;

export function isName(text: string): boolean {
  return NAME.test(text);
}
