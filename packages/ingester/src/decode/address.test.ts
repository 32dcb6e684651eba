import { isIPv6 } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BAD, EXACT, READ, readIp, readMac, readUuid } from "./address.js";

function ip(text: string): { reading: number; hex: string } {
  const to = new Uint8Array(18);
  const bytes = new TextEncoder().encode(`#${text}#`);
  const reading = readIp(bytes, 1, bytes.length - 1, to, 1);
  return { reading, hex: Buffer.from(to.subarray(1, 17)).toString("hex") };
}

/** The address as the platform writes it, by way of a URL. */
function platform(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

describe("addresses", () => {
  it.each([
    ["1.2.3.4", EXACT, "00000000000000000000ffff01020304"],
    ["255.255.255.255", EXACT, "00000000000000000000ffffffffffff"],
    ["0.0.0.0", EXACT, "00000000000000000000ffff00000000"],
    ["::", EXACT, "0".repeat(32)],
    ["::1", EXACT, `${"0".repeat(31)}1`],
    ["2001:db8::1", EXACT, "20010db8000000000000000000000001"],
    ["2001:DB8::1", READ, "20010db8000000000000000000000001"],
    ["2001:db8:0:0:0:0:0:1", READ, "20010db8000000000000000000000001"],
    ["::ffff:1.2.3.4", READ, "00000000000000000000ffff01020304"],
    ["::1.2.3.4", READ, "00000000000000000000000001020304"],
    ["1:2:3:4:5:6:7:8", EXACT, "00010002000300040005000600070008"],
    ["1:2:3:4:5:6:1.2.3.4", READ, "00010002000300040005000601020304"],
  ])("%s", (text, reading, hex) => {
    expect(ip(text)).toEqual({ reading, hex });
  });

  it.each([
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1..3.4",
    ".1.2.3",
    "1.2.3.4 ",
    "x",
    "1.2.3.-4",
    ":",
    ":::",
    "1:2",
    "1::2::3",
    "12345::",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    ":1:2:3:4:5:6:7:8",
    "::1:",
    "fe80::1%eth0",
    "::1.2.3",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::g",
  ])("%s is none", (text) => {
    expect(ip(text)).toEqual({ reading: BAD, hex: "0".repeat(32) });
  });

  it("agrees with the platform on what an IPv6 address is, and on how it is written", () => {
    const text = fc.oneof(
      fc.ipV6(),
      fc.stringMatching(/^[0-9a-f:.]{1,20}$/),
      fc
        .array(fc.constantFrom("0", "0", "1", "abcd", ""), { minLength: 2, maxLength: 9 })
        .map((g) => g.join(":")),
    );
    fc.assert(
      fc.property(
        text.filter((t) => t.slice(0, 5).includes(":")),
        (t) => {
          const { reading } = ip(t);
          expect(reading !== BAD).toBe(isIPv6(t));
          if (reading === EXACT) expect(platform(t)).toBe(t);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("reads uuids and MAC addresses", () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const id = "01234567-89ab-cdef-0123-456789abcdef";
    const to = new Uint8Array(16);
    expect(readUuid(bytes(id), 0, 36, to)).toBe(EXACT);
    expect(Buffer.from(to).toString("hex")).toBe(id.replaceAll("-", ""));
    expect(readUuid(bytes(id.toUpperCase()), 0, 36, to)).toBe(READ);
    expect(Buffer.from(to).toString("hex")).toBe(id.replaceAll("-", ""));
    expect(readUuid(bytes(id.replaceAll("-", "0")), 0, 36, to)).toBe(BAD);
    expect(readUuid(bytes(id.replace("a", "g")), 0, 36, to)).toBe(BAD);
    expect(readUuid(bytes(id.slice(1)), 0, 35, to)).toBe(BAD);

    const halves = new Uint32Array(2);
    expect(readMac(bytes("fe:dc:ba:98:76:54"), 0, 17, halves, 0)).toBe(EXACT);
    expect([...halves]).toEqual([0xba987654, 0xfedc]);
    for (const bad of ["FE:dc:ba:98:76:54", "fe-dc-ba-98-76-54", "fe:dc:ba:98:76:5g"])
      expect(readMac(bytes(bad), 0, 17, halves, 0)).toBe(BAD);
  });
});
