/** The longest line of a watch: one object, which is at most 1.5 MiB in the API server, escaped. */
const MAX_LINE = 32 * 1024 * 1024;

/** The lines of a stream of bytes. An unfinished last line is not among them. @throws RangeError */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  let rest: Buffer[] = [];
  let waiting = 0;
  for await (const piece of pieces) {
    let start = 0;
    const lines: string[] = [];
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, start)) {
      const line = piece.subarray(start, end);
      lines.push(rest.length === 0 ? line.toString() : Buffer.concat([...rest, line]).toString());
      rest = [];
      waiting = 0;
      start = end + 1;
    }
    if (start < piece.length) {
      rest.push(piece.subarray(start));
      waiting += piece.length - start;
      if (waiting > MAX_LINE) throw new RangeError("a line of the watch is too long");
    }
    yield lines;
  }
}
