import { describe, expect, it } from "vitest";
import { safe, safeBlock } from "./safe.js";

describe("safe", () => {
  it("S9: shows bidi, zero-width and control characters as escapes", () => {
    expect(safe("a\u202Egnp.exe")).toBe(String.raw`a\u202egnp.exe`);
    expect(safe("pay\u200Bments")).toBe(String.raw`pay\u200bments`);
    expect(safe("a\u0000b\u001Bc\r\nd")).toBe(String.raw`a\u0000b\u001bc\u000d\u000ad`);
    expect(safe("x\u2066y\u2069")).toBe(String.raw`x\u2066y\u2069`);
  });

  it("cuts what is too long, and stays as it is the second time", () => {
    const once = safe("x".repeat(30), 10);
    expect(once).toBe(`${"x".repeat(9)}…`);
    expect(safe(once, 10)).toBe(once);
  });

  it("a block keeps its lines", () => {
    expect(safeBlock('{\n  "a": "\u202E"\n}')).toBe('{\n  "a": "\\u202e"\n}');
  });
});
