import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isSelect,
  parametersOf,
  quote,
  splitFormat,
  splitInsert,
  statementKind,
} from "./sql-text.js";

describe("reading a statement from outside", () => {
  test.each([
    ["SELECT 1", "read"],
    ["  -- a\n/* b */ with x as (select 1) select * from x", "read"],
    ["(SELECT 1) UNION ALL (SELECT 2)", "read"],
    ["EXPLAIN SELECT 1", "read"],
    ["insert into t values (1)", "insert"],
    ["/* SELECT */ DROP TABLE t", "write"],
    ["ALTER TABLE t DELETE WHERE 1", "write"],
    ["", "write"],
  ])("%s: %s", (sql, kind) => {
    expect(statementKind(sql)).toBe(kind);
  });

  test("the format is taken off the end, and only there", () => {
    expect(splitFormat("SELECT 1\nFORMAT JSONEachRow")).toEqual({
      sql: "SELECT 1\n",
      format: "JSONEachRow",
    });
    expect(splitFormat("SELECT 'x FORMAT JSON'")).toEqual({ sql: "SELECT 'x FORMAT JSON'" });
    expect(splitFormat("SELECT 1;")).toEqual({ sql: "SELECT 1" });
    expect(splitInsert("INSERT INTO t (a) FORMAT Native")).toEqual({
      head: "INSERT INTO t (a)",
      format: "Native",
    });
    expect(splitInsert("INSERT INTO t VALUES (1)")).toBeUndefined();
  });

  test("only selects are streamed", () => {
    expect(isSelect("SELECT 1")).toBe(true);
    expect(isSelect("SHOW TABLES")).toBe(false);
  });

  test("parameters are found", () => {
    expect([...parametersOf("SELECT {a:String}, { b : Array(UInt8)}, {}")]).toEqual(["a", "b"]);
  });

  test("a quoted text never ends early", () => {
    assert(
      property(string(), (text) => {
        const inside = quote(text).slice(1, -1);
        // After escapes are taken out, no quote is left that could close the literal.
        expect(inside.replaceAll(/\\[\\']/g, "")).not.toMatch(/['\\]/);
      }),
    );
  });
});
