import { describe, expect, it } from "vitest";
import { blockCovers, cidrCovers, cidrsOverlap, reachesPrivateRanges } from "./cidrs.js";

describe("cidrCovers", () => {
  it.each([
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.1.0.0/16", "10.0.0.0/8", false],
    ["10.1.2.3/8", "10.9.0.0/16", true],
    ["0.0.0.0/0", "2001:db8::/32", false],
    ["2001:db8::/32", "2001:db8:1::/48", true],
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "not a block", false],
    ["not a block", "10.0.0.0/8", false],
  ])("%s covers %s: %s", (outer, inner, expected) => {
    expect(cidrCovers(outer, inner)).toBe(expected);
  });

  it("overlaps both ways round", () => {
    expect(cidrsOverlap("10.1.0.0/16", "10.0.0.0/8")).toBe(true);
    expect(cidrsOverlap("10.1.0.0/16", "10.2.0.0/16")).toBe(false);
  });
});

describe("blockCovers", () => {
  const outer = { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] };
  it("minds the holes of both", () => {
    expect(blockCovers(outer, { cidr: "10.2.0.0/16", except: [] })).toBe(true);
    expect(blockCovers(outer, { cidr: "10.0.0.0/9", except: [] })).toBe(false);
    expect(blockCovers(outer, { cidr: "10.0.0.0/9", except: ["10.0.0.0/15"] })).toBe(true);
    expect(blockCovers(outer, { cidr: "10.1.2.0/24", except: [] })).toBe(false);
  });
});

describe("reachesPrivateRanges", () => {
  it("is false once all three are excepted", () => {
    const except = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    expect(reachesPrivateRanges({ cidr: "0.0.0.0/0", except })).toBe(false);
    expect(reachesPrivateRanges({ cidr: "0.0.0.0/0", except: except.slice(1) })).toBe(true);
    expect(reachesPrivateRanges({ cidr: "203.0.113.0/24", except: [] })).toBe(false);
  });
});
