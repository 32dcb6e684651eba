import type { LandedBatch, LandedFlow } from "@dropscope/store";
import { expect, test } from "vitest";
import { byBatch, chunksOf } from "./read-batches.js";

const batch = (id: number, flows = 1): LandedBatch => ({
  id: BigInt(id),
  minTimeNs: 0n,
  maxTimeNs: 0n,
  flows,
  sealedAt: 0,
  storedAt: 0,
});
const flow = (id: number): LandedFlow => ({
  batch: BigInt(id),
  uuid: String(id),
  timeNs: 0n,
  weight: 1,
  flow: {},
});

async function* pieces(...all: number[][]): AsyncIterable<LandedFlow[]> {
  for (const ids of all) yield Promise.resolve(ids.map(flow)) as unknown as LandedFlow[];
}

test.each([
  [
    "pieces that end within a batch",
    [
      [1, 1, 2],
      [2, 3],
    ],
    [2, 2, 1],
  ],
  ["batches without any flow", [[2]], [0, 1, 0]],
  ["nothing at all", [], [0, 0, 0]],
])("%s", async (_, given, counts) => {
  const found: number[] = [];
  for await (const [one, flows] of byBatch(pieces(...given), [batch(1), batch(2), batch(3)])) {
    expect(flows.every(({ batch: id }) => id === one.id)).toBe(true);
    found.push(flows.length);
  }
  expect(found).toEqual(counts);
});

test("a backlog is read in parts; a batch that is larger than one stands alone", () => {
  const parts = chunksOf([batch(1, 10), batch(2, 10), batch(3, 50), batch(4, 1), batch(5, 1)], 20);
  expect(parts.map((part) => part.map(({ id }) => Number(id)))).toEqual([[1, 2], [3], [4, 5]]);
  expect(chunksOf([], 20)).toEqual([]);
});
