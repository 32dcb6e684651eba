import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText, TEXT_CAPS } from "./text.js";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
);

function hostile(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0xfeff
  );
}

describe("S9: text hygiene", () => {
  it("ordinary text comes back unchanged", () => {
    for (const text of [
      "",
      "k8s:app=shop",
      "TCP Flags: SYN, ACK",
      "größe 漢字 😀",
      String.raw`C:\u0041`,
    ])
      expect(cleanText(text)).toBe(text);
  });

  it.each([
    ["a\u0000b", String.raw`a\u0000b`],
    ["\r\n\t", String.raw`\u000d\u000a\u0009`],
    ["\u009b31m", String.raw`\u009b31m`],
    ["pay\u202egnp", String.raw`pay\u202egnp`],
    ["a\u200bb\ufeff", String.raw`a\u200bb\ufeff`],
    ["\u{e0041}", String.raw`\udb40\udc41`],
    ["\ud800x", "\ufffdx"],
    ["x\u2028", String.raw`x\u2028`],
  ])("%j is shown", (text, shown) => {
    expect(cleanText(text)).toBe(shown);
  });

  it("long text is cut between characters", () => {
    expect(cleanText("abcdef", 6)).toBe("abcdef");
    expect(cleanText("abcdefg", 6)).toBe("abcde…");
    expect(cleanText("abcd\u{1f600}\u{1f600}", 6)).toBe("abcd…");
  });

  it("the longest label that Cilium may send stays whole", () => {
    const dns = `${"a".repeat(63)}.`.repeat(4).slice(0, 253);
    const label = `k8s:io.cilium.k8s.namespace.labels.${dns}/${"n".repeat(63)}=${"v".repeat(63)}`;
    expect(cleanText(label, TEXT_CAPS.label)).toBe(label);
    expect(cleanText(label.padEnd(513, "v"), TEXT_CAPS.label)).toHaveLength(512);
  });

  it("is idempotent, well-formed, within the cap, and shows every character", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 64 }), (text, cap) => {
        const clean = cleanText(text, cap);
        expect(cleanText(clean, cap)).toBe(clean);
        expect(clean.length).toBeLessThanOrEqual(cap);
        expect(new TextDecoder().decode(new TextEncoder().encode(clean))).toBe(clean);
        for (const character of clean) expect(hostile(character.codePointAt(0)!)).toBe(false);
      }),
    );
  });
});
