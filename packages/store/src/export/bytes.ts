import type { ClickHouseSettings } from "@clickhouse/client";
import { ClickHouseError } from "@clickhouse/client";
import type { StoreClient } from "../clickhouse/client.js";
import type { Params } from "../read/params.js";
import { inWords } from "../read/run.js";

/** ClickHouse (25.11 and newer, and the embedded engine's front) names the mark of a failed stream in a header. */
const TAG_HEADER = "x-clickhouse-exception-tag";
/** Longest text of a failure that is read. */
const FAILURE_BYTES = 16_384;

/**
 * The answer to a query as the bytes of its format, as fast as they are taken and without holding
 * them. A stream that ends early throws; it never looks like one that is whole.
 * @throws DropscopeError `QUERY_TOO_BROAD`
 */
export async function* queryBytes(
  client: StoreClient,
  sql: string,
  params: Params,
  settings: ClickHouseSettings,
  signal: AbortSignal | undefined,
): AsyncIterable<Uint8Array> {
  signal?.throwIfAborted();
  try {
    const { stream, response_headers: headers } = await client.raw().exec({
      query: sql,
      query_params: params.values,
      clickhouse_settings: settings,
      ...(signal === undefined ? {} : { abort_signal: signal }),
    });
    // The client listens to the signal only until the headers are there.
    const cut = (): void => void stream.destroy();
    signal?.addEventListener("abort", cut, { once: true });
    try {
      if (signal?.aborted === true) cut();
      yield* withoutFailure(stream, headers[TAG_HEADER]);
      signal?.throwIfAborted();
    } finally {
      signal?.removeEventListener("abort", cut);
      // Closing the connection is what tells the engine to stop.
      stream.destroy();
    }
  } catch (error) {
    throw inWords(error, signal);
  }
}

/** Passes bytes on until the mark of a failure; what could be its beginning is held back. */
async function* withoutFailure(
  stream: AsyncIterable<Buffer>,
  tag: string | string[] | undefined,
): AsyncIterable<Uint8Array> {
  if (typeof tag !== "string" || tag === "") {
    yield* stream;
    return;
  }
  const mark = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`.replace(/\r\n$/, ""));
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    const joined = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const at = joined.indexOf(mark);
    if (at >= 0) throw await failureOf(joined.subarray(at + mark.length), stream);
    const keep = beginningOf(mark, joined);
    if (joined.length > keep) yield joined.subarray(0, joined.length - keep);
    held = Buffer.from(joined.subarray(joined.length - keep));
  }
  if (held.length > 0) yield held;
}

/** How many of the last bytes are the beginning of the mark. */
function beginningOf(mark: Buffer, bytes: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length -= 1)
    if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) return length;
  return 0;
}

async function failureOf(first: Buffer, rest: AsyncIterable<Buffer>): Promise<Error> {
  let text = first.toString("utf8");
  try {
    for await (const chunk of rest) {
      text += chunk.toString("utf8");
      if (text.length > FAILURE_BYTES) break;
    }
  } catch {
    // The connection is cut behind the mark.
  }
  const [, code = "0", message = text] = /Code: (\d+)\. ([\s\S]*)/.exec(text) ?? [];
  return new ClickHouseError({ message, code, type: "" });
}
