import { BlockBuilder, FLOW_COLUMNS, GAP_COLUMNS, IDENTITY_COLUMNS } from "@dropscope/store";
import { describe, expect, it } from "vitest";
import { createTable, inChdb } from "../kit/chdb.js";

const EVERY_TYPE = [
  { name: "u8", type: "UInt8", from: [], comment: "" },
  { name: "u16", type: "UInt16", from: [], comment: "" },
  { name: "u32", type: "UInt32", from: [], comment: "" },
  { name: "i32", type: "Int32", from: [], comment: "" },
  { name: "u64", type: "UInt64", from: [], comment: "" },
  { name: "e8", type: "Enum8('none' = 0, 'one' = 1, 'two' = 2)", from: [], comment: "" },
  { name: "day", type: "Date", from: [], comment: "" },
  { name: "t9", type: "DateTime64(9, 'UTC')", from: [], comment: "" },
  { name: "t3", type: "DateTime64(3, 'UTC')", from: [], comment: "" },
  { name: "id", type: "UUID", from: [], comment: "" },
  { name: "ip", type: "IPv6", from: [], comment: "" },
  { name: "s", type: "String", from: [], comment: "" },
  { name: "lc", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "a_s", type: "Array(String)", from: [], comment: "" },
  { name: "a_lc", type: "Array(LowCardinality(String))", from: [], comment: "" },
  { name: "a_u", type: "Array(UInt64)", from: [], comment: "" },
  { name: "n_t", type: "Nullable(DateTime64(9, 'UTC'))", from: [], comment: "" },
  { name: "n_i", type: "Nullable(Int32)", from: [], comment: "" },
] as const;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const SETTINGS =
  "SETTINGS output_format_json_quote_64bit_integers = 1, output_format_json_named_tuples_as_objects = 1";
const EMPTY = {
  u8: 0,
  u16: 0,
  u32: 0,
  i32: 0,
  u64: "0",
  e8: "none",
  day: "1970-01-01",
  t9: "1970-01-01 00:00:00.000000000",
  t3: "1970-01-01 00:00:00.000",
  id: "00000000-0000-0000-0000-000000000000",
  ip: "::",
  s: "",
  lc: "",
  a_s: [],
  a_lc: [],
  a_u: [],
  n_t: null,
  n_i: null,
};

function fill(block: BlockBuilder<typeof EVERY_TYPE>): void {
  const { columns: c, atoms } = block;
  block.addRow();
  const row = block.addRow();
  c.u8.set(row, 255);
  c.u16.set(row, 65_535);
  c.u32.set(row, 4_294_967_295);
  c.i32.set(row, -2_147_483_648);
  c.u64.set(row, 4_294_967_295, 4_294_967_295);
  c.e8.set(row, 2);
  c.day.set(row, 20_000);
  c.t9.setBig(row, 1_700_000_000_123_456_789n);
  c.t3.setBig(row, 1_700_000_000_123n);
  c.id.set(
    row,
    Uint8Array.from({ length: 16 }, (_, i) => i * 17),
    0,
  );
  c.ip.set(row, Uint8Array.from([32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 0);
  const text = "a\n\n'\"\\ü\u{1F600}".repeat(40);
  c.s.setText(row, text);
  c.lc.set(row, atoms.internText("kube-system"));
  for (const value of ["x", "", text]) c.a_s.pushText(row, value);
  for (const value of ["A", "", "AAAA", "A"]) c.a_lc.push(row, atoms.internText(value));
  c.a_u.push(row, 1, 0);
  c.a_u.push(row, 0, 1);
  c.n_t.setBig(row, 1n);
  c.n_i.set(row, -1);
  block.addRow();
  const last = block.addRow();
  c.s.set(last, bytesOf("xyz"), 1, 3);
  c.lc.set(last, atoms.internText("default"));
  c.a_lc.push(last, atoms.internText("AAAA"));
  c.a_u.push(last, 7, 0);
}

describe("Native blocks in the real engine", () => {
  it("every type of the schema reads back exact", async () => {
    const block = new BlockBuilder(EVERY_TYPE);
    fill(block);
    const first = block.finish("flows");
    // The builder was used before: nothing of the first block may shine through.
    fill(block);
    const second = block.finish("flows");
    expect(second.chunks).toEqual(first.chunks);
    expect(first.rows).toBe(4);

    const [, , rows] = await inChdb({ "x.native": first.chunks[0]! }, (path) => [
      createTable("t", EVERY_TYPE),
      `INSERT INTO t SELECT * FROM file('${path("x.native")}', 'Native')`,
      `SELECT * FROM t ${SETTINGS}`,
    ]);
    const text = "a\n\n'\"\\ü\u{1F600}".repeat(40);
    expect(rows).toEqual([
      EMPTY,
      {
        u8: 255,
        u16: 65_535,
        u32: 4_294_967_295,
        i32: -2_147_483_648,
        u64: "18446744073709551615",
        e8: "two",
        day: "2024-10-04",
        t9: "2023-11-14 22:13:20.123456789",
        t3: "2023-11-14 22:13:20.123",
        id: "00112233-4455-6677-8899-aabbccddeeff",
        ip: "2001:db8::1",
        s: text,
        lc: "kube-system",
        a_s: ["x", "", text],
        a_lc: ["A", "", "AAAA", "A"],
        a_u: ["1", "4294967296"],
        n_t: "1970-01-01 00:00:00.000000001",
        n_i: -1,
      },
      EMPTY,
      { ...EMPTY, s: "yz", lc: "default", a_lc: ["AAAA"], a_u: ["7"] },
    ]);
  });

  it("dictionaries of more than 2^8 and 2^16 keys, and blocks that grow", async () => {
    const columns = [
      { name: "n", type: "UInt32", from: [], comment: "" },
      { name: "lc", type: "LowCardinality(String)", from: [], comment: "" },
      { name: "a", type: "Array(LowCardinality(String))", from: [], comment: "" },
    ] as const;
    const files: Record<string, Uint8Array> = {};
    const sizes = [200, 300, 70_000];
    for (const size of sizes) {
      const block = new BlockBuilder(columns);
      for (let i = 0; i < size; i++) {
        const row = block.addRow();
        const atom = block.atoms.internText(`pod-${i}`);
        block.columns.n.set(row, i);
        block.columns.lc.set(row, atom);
        block.columns.a.push(row, atom);
      }
      files[`${size}.native`] = block.finish("flows").chunks[0]!;
    }
    const answers = await inChdb(files, (path) =>
      sizes.map(
        (size) =>
          `SELECT count() AS rows, countIf(lc = concat('pod-', toString(n)) AND a = [lc]) AS good
           FROM file('${path(`${size}.native`)}', 'Native')`,
      ),
    );
    expect(answers.flat()).toEqual(sizes.map((size) => ({ rows: size, good: size })));
  });

  it("rows of defaults are accepted for every table of the schema", async () => {
    const tables = {
      flows: FLOW_COLUMNS,
      gaps: GAP_COLUMNS,
      identities: IDENTITY_COLUMNS,
    } as const;
    const files = Object.fromEntries(
      Object.entries(tables).map(([name, columns]) => {
        const block = new BlockBuilder<typeof columns>(columns);
        block.addRow();
        block.addRow();
        return [name, block.finish("flows").chunks[0]!];
      }),
    );
    const answers = await inChdb(files, (path) =>
      Object.entries(tables).flatMap(([name, columns]) => [
        createTable(name, columns),
        `INSERT INTO ${name} SELECT * FROM file('${path(name)}', 'Native')`,
        `SELECT count() AS rows FROM ${name}`,
      ]),
    );
    expect(answers.filter((_, i) => i % 3 === 2).flat()).toEqual([
      { rows: 2 },
      { rows: 2 },
      { rows: 2 },
    ]);
  });
});
