import { parquetMetadata, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Rows of a Parquet file, by a reader that has nothing to do with the engine; times in ns since 1970. */
export async function readParquet(
  bytes: Uint8Array,
): Promise<{ columns: string[]; groups: number; rows: Record<string, unknown>[] }> {
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const rows = await parquetReadObjects({
    file,
    metadata,
    compressors,
    parsers: { timestampFromNanoseconds: (ns: bigint) => ns as never },
  });
  const { children } = parquetSchema(metadata);
  return {
    columns: children.map(({ element }) => element.name),
    groups: metadata.row_groups.length,
    rows,
  };
}

/** Cells of CSV by RFC 4180: quoted or not, quotes doubled, line breaks within quotes. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(cell);
      cell = "";
    } else if (char === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += char;
  }
  if (cell !== "" || row.length > 0) throw new Error("the last line has no end");
  return rows;
}
