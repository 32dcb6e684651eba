import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readNative } from "../../../../test/kit/native-reader.js";
import { AtomTable } from "./atoms.js";
import { BlockBuilder } from "./block.js";

const COLUMNS = [
  { name: "n", type: "UInt32", from: [], comment: "" },
  { name: "lc", type: "LowCardinality(String)", from: [], comment: "" },
  { name: "text", type: "String", from: [], comment: "" },
  { name: "list", type: "Array(LowCardinality(String))", from: [], comment: "" },
  { name: "gone", type: "Nullable(Int32)", from: [], comment: "" },
] as const;

describe("BlockBuilder", () => {
  it("gives back any rows, block after block, with a shared table of atoms", () => {
    const atoms = new AtomTable();
    const block = new BlockBuilder(COLUMNS, atoms);
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    const rows = fc.array(
      fc.record({
        n: fc.nat(),
        lc: text,
        text,
        list: fc.array(text, { maxLength: 5 }),
        gone: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(rows, fc.boolean(), (expected, forget) => {
        for (const row of expected) {
          const at = block.addRow();
          if (row.n !== 0) block.columns.n.set(at, row.n);
          block.columns.lc.set(at, atoms.internText(row.lc));
          if (row.text !== "") block.columns.text.setText(at, row.text);
          for (const one of row.list) block.columns.list.push(at, atoms.internText(one));
          if (row.gone !== null) block.columns.gone.set(at, row.gone);
        }
        expect(readNative(block.finish("flows"))).toEqual(expected);
        if (forget) atoms.clear();
      }),
    );
  });

  it("refuses a type that it cannot build, at once", () => {
    const odd = [{ name: "x", type: "Decimal(9, 2)", from: [], comment: "" }] as const;
    expect(() => new BlockBuilder(odd)).toThrow("Decimal(9, 2)");
  });
});

describe("AtomTable", () => {
  it("keeps each text once, through growth", () => {
    const atoms = new AtomTable();
    const texts = Array.from({ length: 20_000 }, (_, i) => `pod-${i}`);
    const ids = texts.map((text) => atoms.internText(text));
    expect(new Set(ids).size).toBe(20_000);
    expect(texts.map((text) => atoms.internText(text))).toEqual(ids);
    expect(ids.map((id) => atoms.text(id))).toEqual(texts);
    expect(atoms.internText("")).toBe(0);
    expect(atoms.text(0)).toBe("");
    atoms.clear();
    expect(atoms.size).toBe(1);
    expect(atoms.bytes).toBe(0);
  });
});
