import { classify } from "../clickhouse/classify.js";
import { killPoint } from "../spool/kill-point.js";
import { blocksOf, sliceRows } from "./native-split.js";

/** A row that the store refuses. */
export interface PoisonRow {
  /** Number in its section. */
  row: number;
  body: Uint8Array;
  error: unknown;
}

/**
 * Sends a body; when the store refuses it because of a row, halves it until that row stands
 * alone. Every half has a token of its own (`…/0`, `…/1`), so that a search that was cut
 * short by a crash stores nothing twice when it is done again.
 *
 *     one bad row in n: 1 + 2 * log2(n) inserts
 *
 * @param send throws what the store said; errors of other kinds than "quarantine" pass through.
 */
export async function insertAround(
  body: Uint8Array,
  token: string,
  send: (body: Uint8Array, token: string) => Promise<void>,
): Promise<PoisonRow[]> {
  try {
    await send(body, token);
    return [];
  } catch (error) {
    if (classify(error) !== "quarantine") throw error;
    killPoint("deliver:before-bisect");
    const poison: PoisonRow[] = [];
    let first = 0;
    const blocks = blocksOf(body);
    for (const [i, span] of blocks.entries()) {
      const block = body.subarray(span.start, span.end);
      const path = blocks.length === 1 ? token : `${token}/b${i}`;
      // A body of one block was just refused as a whole.
      if (blocks.length > 1) await search(block, 0, span.rows, path);
      else if (span.rows === 1) poison.push({ row: 0, body: block, error });
      else await halves(block, 0, span.rows, path);
      first += span.rows;
    }
    return poison;

    async function halves(block: Uint8Array, start: number, end: number, path: string) {
      const middle = start + Math.floor((end - start) / 2);
      await search(block, start, middle, `${path}/0`);
      await search(block, middle, end, `${path}/1`);
    }

    async function search(block: Uint8Array, start: number, end: number, path: string) {
      const piece = sliceRows(block, start, end);
      try {
        await send(piece, path);
      } catch (refusal) {
        if (classify(refusal) !== "quarantine") throw refusal;
        if (end - start === 1) poison.push({ row: first + start, body: piece, error: refusal });
        else await halves(block, start, end, path);
      }
    }
  }
}
