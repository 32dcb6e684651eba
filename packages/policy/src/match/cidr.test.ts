import { assert, integer, nat, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { cidrContains, inBlock, isIPv4, parseAddress, parseCidr } from "./cidr.js";

describe("addresses and blocks", () => {
  it("masks the host bits of a block", () => {
    expect(cidrContains("192.168.242.213/24", "192.168.242.1")).toBe(true);
    expect(cidrContains("192.168.242.213/24", "192.168.243.1")).toBe(false);
  });

  it("takes an address without length as itself", () => {
    expect(cidrContains("10.0.0.1", "10.0.0.1")).toBe(true);
    expect(cidrContains("10.0.0.1", "10.0.0.2")).toBe(false);
    expect(cidrContains("2001:db8::1", "2001:0db8:0:0::1")).toBe(true);
  });

  it("keeps the families apart", () => {
    expect(cidrContains("0.0.0.0/0", "2001:db8::1")).toBe(false);
    expect(cidrContains("::/0", "10.0.0.1")).toBe(false);
    expect(cidrContains("::/0", "2001:db8::1")).toBe(true);
    expect(isIPv4("::ffff:10.0.0.1")).toBe(true);
  });

  it("compares IPv6 across words", () => {
    expect(cidrContains("2606:4700:4700::/96", "2606:4700:4700::1111")).toBe(true);
    expect(cidrContains("2606:4700:4700::/96", "2606:4700:4700:0:0:1::1")).toBe(false);
    expect(cidrContains("fe80::/10", "febf::1")).toBe(true);
    expect(cidrContains("fe80::/10", "fec0::1")).toBe(false);
  });

  it("subtracts exceptions from their own block only", () => {
    expect(inBlock("10.0.0.0/8", ["10.96.0.0/12"], "10.1.2.3")).toBe(true);
    expect(inBlock("10.0.0.0/8", ["10.96.0.0/12"], "10.97.0.1")).toBe(false);
    expect(inBlock("10.0.0.0/8", ["what"], "10.97.0.1")).toBe(true);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "0x7f.1",
    "10.0.0.1/",
    "10.0.0.1/33",
    "::/129",
    "::1%eth0",
    "10.0.0.0/-1",
  ])("takes %j for no block", (text) => {
    expect(parseCidr(text)).toBeUndefined();
    expect(cidrContains(text, "10.0.0.1")).toBe(false);
  });

  it("agrees with arithmetic on every length", () => {
    assert(
      property(
        nat(0xffff_ffff),
        nat(0xffff_ffff),
        integer({ min: 0, max: 32 }),
        (base, address, bits) => {
          const size = 2 ** (32 - bits);
          const same = Math.floor(base / size) === Math.floor(address / size);
          expect(cidrContains(`${dotted(base)}/${bits}`, dotted(address))).toBe(same);
        },
      ),
    );
  });

  it("reads what is no address as none", () => {
    expect(parseAddress("host")).toBeUndefined();
    expect(isIPv4("host")).toBe(false);
  });
});

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
