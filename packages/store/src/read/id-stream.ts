import type { StoreClient } from "../clickhouse/client.js";

/**
 * Runs a query whose only column is a UUID and calls `onId` with the 16 bytes of each,
 * in the order of the uuid's text. The bytes are reused: copy what you keep.
 */
export async function streamIds(
  client: StoreClient,
  sql: string,
  params: Record<string, unknown>,
  onId: (bytes: Uint8Array, at: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const { stream } = await client.raw().exec({
    query: `${sql} FORMAT RowBinary`,
    query_params: params,
    ...(signal === undefined ? {} : { abort_signal: signal }),
  });
  let rest: Uint8Array = new Uint8Array();
  const id = new Uint8Array(16);
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % 16);
    for (let at = 0; at < whole; at += 16) {
      inTextOrder(bytes, at, id, 0);
      onId(id, 0);
    }
    rest = bytes.subarray(whole);
  }
}

/** ClickHouse keeps a uuid as two little-endian halves. */
export function inTextOrder(from: Uint8Array, at: number, to: Uint8Array, into: number): void {
  for (let index = 0; index < 8; index += 1) {
    to[into + index] = from[at + 7 - index] as number;
    to[into + 8 + index] = from[at + 15 - index] as number;
  }
}
