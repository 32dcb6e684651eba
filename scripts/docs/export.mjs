// docs/export.md from the columns of an export themselves.
import { EXPORT_COLUMNS } from "@dropscope/store";

const kinds = {
  time: ["TIMESTAMP, nanoseconds, UTC", "`2026-11-20T10:00:00.123456789Z`"],
  text: ["STRING", "text; empty where there is none"],
  number: ["INT, null where there is none", "digits; empty where there is none"],
  truth: ["BOOLEAN, null where nobody knows", "`true`, `false` or empty"],
  list: ["LIST of STRING", '`["a","b"]`, a JSON array'],
};

const cell = (text) => String(text).replaceAll("|", "\\|");

/** @returns the page; nothing can be wrong with it */
export function exportPage() {
  const lines = [
    "# Exported flows",
    "",
    "Written by `npm run docs` from the columns themselves; `npm test` fails when it is stale.",
    "",
    "`dropscope observe -o csv` and `-o parquet` write flows as rows, oldest first, with every filter and",
    "time flag of `observe`. Both have the same columns in the same order. A name is never changed or",
    "removed; new columns come at the end. `-O FILE` gives the file its name when it is whole: a full disk,",
    "Ctrl-C or a kill leave what was there before. `-o json` is another thing: the flows as Hubble's own",
    "JSON, with nothing left out.",
    "",
    "Rows are streamed: neither command nor engine holds the file in memory. Parquet is one file of row",
    "groups of about 130,000 flows, packed with zstd; with the embedded engine it lies in the data folder",
    "until it is sent, so that the disk needs room for it twice. Known losses are no rows; the command says",
    "on standard error when some lie in the time that was asked for.",
    "",
    "A text of a CSV cell that a spreadsheet would run (it begins with `=`, `+`, `-`, `@`, also behind",
    "spaces, or with a tab or a line break) gets an apostrophe in front. So does one that begins with",
    "apostrophes followed by one of these; a reader that takes one apostrophe away from",
    "``^''*( *[=+@-]|[\\t\\r\\n])`` has the text as it was. Parquet is never changed.",
    "",
    "A viewer who may not see a namespace gets of an end in it only the namespace and the port, as",
    "everywhere else; who may not see requests gets no L7 column.",
    "",
    "| kind | Parquet | CSV |",
    "| --- | --- | --- |",
    ...Object.entries(kinds).map(([kind, [parquet, csv]]) => `| ${kind} | ${parquet} | ${csv} |`),
    "",
    "| column | kind | meaning |",
    "| --- | --- | --- |",
    ...EXPORT_COLUMNS.map(
      ({ name, kind, comment }) => `| \`${name}\` | ${kind} | ${cell(comment)} |`,
    ),
  ];
  return { text: `${lines.join("\n")}\n`, problems: [] };
}
