import { type LandedBatch, newBatchId } from "@dropscope/store";

/** Stands for the batch that rows of a bundle came with. */
export function pieceBatch(rows: number): LandedBatch {
  const now = Date.now();
  return {
    id: newBatchId(now),
    minTimeNs: 0n,
    maxTimeNs: 0n,
    flows: rows,
    sealedAt: now,
    storedAt: now,
  };
}

/** Values in pieces of at most `size`. */
export async function* piecesOf<Value>(
  source: AsyncIterable<readonly Value[]>,
  size: number,
): AsyncIterable<Value[]> {
  let piece: Value[] = [];
  for await (const values of source)
    for (const value of values) {
      piece.push(value);
      if (piece.length < size) continue;
      yield piece;
      piece = [];
    }
  if (piece.length > 0) yield piece;
}
