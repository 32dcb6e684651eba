import { describe, expect, it } from "vitest";
import { createPrefixes } from "./prefixes.js";

describe("address atoms", () => {
  it("part addresses by the longest CIDR that holds them", () => {
    const prefixes = createPrefixes();
    for (const cidr of ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32"])
      prefixes.add(cidr);
    const atoms = [
      ["192.0.2.1"],
      ["10.0.0.1", "10.255.255.255"],
      ["10.1.0.1", "10.1.2.4"],
      ["10.1.2.3", "::ffff:10.1.2.3"],
      ["2001:db8::1", "2001:db8:ffff::"],
      ["2001:db9::1", "::"],
    ].map((addresses) => new Set(addresses.map((address) => prefixes.atomOf(address))));
    for (const atom of atoms) expect(atom.size).toBe(1);
    expect(new Set(atoms.map((atom) => [...atom].join())).size).toBe(6);
  });

  it("know a new CIDR by its count, and an equal one not", () => {
    const prefixes = createPrefixes();
    prefixes.add("10.0.0.0/8");
    const before = prefixes.count();
    prefixes.add("10.9.9.9/8");
    expect(prefixes.count()).toBe(before);
    prefixes.add("10.9.9.9/9");
    expect(prefixes.count()).toBe(before + 1);
  });

  it("leave out what is no CIDR and no address", () => {
    const prefixes = createPrefixes();
    const before = prefixes.count();
    for (const text of ["", "10.0.0.0/33", "10.0.0/8", "::/129", "web"]) prefixes.add(text);
    expect(prefixes.count()).toBe(before);
    expect(prefixes.atomOf("web")).toBeUndefined();
  });

  it("know every address as one when a CIDR holds them all", () => {
    const prefixes = createPrefixes();
    prefixes.add("0.0.0.0/0");
    expect(prefixes.atomOf("0.0.0.0")).toBe(prefixes.atomOf("255.255.255.255"));
    expect(prefixes.atomOf("::1")).not.toBe(prefixes.atomOf("0.0.0.0"));
  });
});
