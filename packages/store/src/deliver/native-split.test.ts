import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockBuilder } from "../native/index.js";
import { FLOW_COLUMNS } from "../schema/flows.js";
import { GAP_COLUMNS, IDENTITY_COLUMNS } from "../schema/side-tables.js";
import { numberedBatch } from "../numbered.js";
import { blocksOf, countRows, fixedColumns, sliceRows } from "./native-split.js";
import { uuidText } from "./verify.js";

const flows = new BlockBuilder(FLOW_COLUMNS);
const identities = new BlockBuilder(IDENTITY_COLUMNS);
const gaps = new BlockBuilder(GAP_COLUMNS);

interface Row {
  text: string;
  name: string;
  names: string[];
  keys: number[];
  list: string[];
}

/** Rows [start, end) built anew: what a slice must equal, but for its dictionary. */
function build(rows: readonly Row[]): Uint8Array {
  const { columns, atoms } = flows;
  for (const row of rows) {
    const at = flows.addRow();
    columns.summary.setText(at, row.text);
    columns.src_pod.set(at, atoms.internText(row.name));
    for (const name of row.names) columns.src_names.push(at, atoms.internText(name));
    for (const key of row.keys) columns.egress_denied_by.push(at, key, 0);
    for (const item of row.list) columns.dns_ips.pushText(at, item);
  }
  return flows.finish("flows").chunks[0]!;
}

const anyRow = fc.record({
  text: fc.string(),
  name: fc.string({ maxLength: 12 }),
  names: fc.array(fc.string({ maxLength: 6 }), { maxLength: 3 }),
  keys: fc.array(fc.nat(), { maxLength: 3 }),
  list: fc.array(fc.string({ maxLength: 6 }), { maxLength: 3 }),
});

describe("taking a Native block apart", () => {
  test("a whole block is one span, and a slice of all rows is the block", () => {
    const body = numberedBatch({ first: 0, count: 50 }).blocks[0]!.chunks[0]!;
    expect(blocksOf(body)).toEqual([{ rows: 50, start: 0, end: body.length }]);
    expect(Buffer.compare(sliceRows(body, 0, 50), Buffer.from(body))).toBe(0);
  });

  test("slicing a slice is slicing once", () => {
    fc.assert(
      fc.property(
        fc.array(anyRow, { minLength: 1, maxLength: 12 }),
        fc.nat(),
        fc.nat(),
        (rows, a, b) => {
          const body = build(rows);
          expect(countRows(body)).toBe(rows.length);
          const start = a % rows.length;
          const end = start + 1 + (b % (rows.length - start));
          const slice = sliceRows(body, start, end);
          expect(blocksOf(slice)).toEqual([{ rows: end - start, start: 0, end: slice.length }]);
          for (let row = start; row < end; row++)
            expect(
              sliceRows(slice, row - start, row - start + 1).equals(sliceRows(body, row, row + 1)),
            ).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("two blocks in one body are two spans", () => {
    const a = numberedBatch({ first: 0, count: 3 }).blocks[0]!.chunks[0]!;
    const b = numberedBatch({ first: 3, count: 4 }).blocks[0]!.chunks[0]!;
    const body = Buffer.concat([a, b]);
    expect(blocksOf(body).map((span) => span.rows)).toEqual([3, 4]);
    expect(countRows(body)).toBe(7);
  });

  test("columns of fixed width are read back", () => {
    const body = numberedBatch({ first: 7, count: 3, timeNs: 1_700_000_000_000_000_000n })
      .blocks[0]!.chunks[0]!;
    const columns = fixedColumns(body, ["uuid", "time"]);
    expect(uuidText(columns.get("uuid")!, 2)).toBe("00000000-0000-0000-0000-000000000009");
    expect(columns.get("time")!.readBigInt64LE(8)).toBe(1_700_000_000_001_000_000n);
  });

  test("side tables with nullable columns and arrays", () => {
    for (let i = 0; i < 5; i++) {
      const row = gaps.addRow();
      if (i % 2 === 0) gaps.columns.cpu.set(row, i);
      gaps.columns.message.setText(row, `m${i}`);
      const other = identities.addRow();
      for (let n = 0; n < i; n++) identities.columns.labels.pushText(other, `l${n}`);
    }
    for (const body of [
      gaps.finish("gaps").chunks[0]!,
      identities.finish("identities").chunks[0]!,
    ]) {
      const slice = sliceRows(body, 1, 4);
      expect(blocksOf(slice)).toEqual([{ rows: 3, start: 0, end: slice.length }]);
    }
  });

  test("a cut body is refused, never read past its end", () => {
    const body = numberedBatch({ first: 0, count: 20 }).blocks[0]!.chunks[0]!;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: body.length - 1 }), (length) => {
        expect(() => blocksOf(body.subarray(0, length))).toThrow();
      }),
      { numRuns: 100 },
    );
  });
});
