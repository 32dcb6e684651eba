import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forgetUncommittedTokens } from "./uncommitted-tokens.js";

let folder: string;
let table: string;
let log: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dropscope-tokens-"));
  table = join(folder, "store", "5e4", "5e413964-c3fa-47dc-b9f1-d6ea501e678d");
  log = join(table, "deduplication_logs", "deduplication_log_1.txt");
  mkdirSync(join(table, "deduplication_logs"), { recursive: true });
  mkdirSync(join(table, "detached", "20261122-0_9_9_0"), { recursive: true });
  mkdirSync(join(table, "20261122-0_1_4_2"));
  mkdirSync(join(table, "20261122-0_5_5_0"));
  mkdirSync(join(table, "tmp_insert_20261122-0_6_6_0"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (part: string, operation = 1): string => `${operation}\t${part}\ttoken-of-${part}\n`;

describe("tokens of parts that never came to be", () => {
  test("those of parts that are there, or inside of merged ones, stay", () => {
    const kept = ["20261122-0_1_1_0", "20261122-0_4_4_1", "20261122-0_5_5_0"].map((part) =>
      line(part),
    );
    writeFileSync(log, kept.join(""));
    expect(forgetUncommittedTokens(folder)).toBe(0);
    expect(readFileSync(log, "utf8")).toBe(kept.join(""));
  });

  test("those of unfinished, absent and detached parts go, and those of another partition too", () => {
    const gone = ["20261122-0_6_6_0", "20261122-0_7_7_0", "20261122-0_9_9_0", "20261122-1_1_1_0"];
    writeFileSync(log, [line("20261122-0_5_5_0"), ...gone.map((part) => line(part))].join(""));
    expect(forgetUncommittedTokens(folder)).toBe(4);
    expect(readFileSync(log, "utf8")).toBe(line("20261122-0_5_5_0"));
  });

  test("what was dropped stays dropped; a line that the kill tore goes", () => {
    const whole = line("20261122-0_5_5_0") + line("20261122-0_8_8_0", 2);
    writeFileSync(log, `${whole}1\t20261122-0_5`);
    expect(forgetUncommittedTokens(folder)).toBe(1);
    expect(readFileSync(log, "utf8")).toBe(whole);
  });

  test("a folder without tables is left alone", () => {
    expect(forgetUncommittedTokens(join(folder, "none"))).toBe(0);
  });
});
