import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { podOwner } from "./pod-owner.js";

describe("podOwner", () => {
  it.each([
    ["coredns-f9k5nvw4pg-cn26g", "coredns"],
    ["checkout-7d9f88c6b5-x2x4z", "checkout"],
    ["my-app-v2-bcdfgh-bcdfg", "my-app-v2"],
    ["cilium-x7k2p", "cilium"],
    ["node.exporter-zz9zz", "node.exporter"],
    ["backup-29384756-5tgcq", "backup"],
    ["kafka-0", "kafka"],
    ["kafka-broker-12", "kafka-broker"],
    // A hash stands only before a random part.
    ["redis-bcdfgh-0", "redis-bcdfgh"],
    ["web-bcdfghjklmn-bcdfg", "web-bcdfghjklmn"],
    ["web-bcdfg-bcdfg", "web-bcdfg"],
  ])("%s belongs to %s", (pod, owner) => {
    expect(podOwner(pod)).toBe(owner);
  });

  it.each([
    "",
    "debug",
    "my-shell",
    "kafka-00",
    "kafka-12345678901",
    "-0",
    "cilium-abcde",
    "cilium-x7k2",
    "cilium-X7K2P",
    "web-0\n",
    "web-0 ",
    "é-0",
  ])("%j belongs to nothing known", (pod) => {
    expect(podOwner(pod)).toBe("");
  });

  it("gives back the name that a controller began with", () => {
    const safe = (minLength: number, maxLength: number) =>
      fc.string({
        unit: fc.constantFrom(..."bcdfghjklmnpqrstvwxz2456789".split("")),
        minLength,
        maxLength,
      });
    // A name whose own last part does not look like a hash.
    const name = fc.stringMatching(/^[a-z]([a-z0-9]{0,8}-)?[a-z]{0,3}[aeiou]$/);
    fc.assert(
      fc.property(name, safe(6, 10), safe(5, 5), fc.nat(), (owner, hash, random, ordinal) => {
        expect(podOwner(`${owner}-${hash}-${random}`)).toBe(owner);
        expect(podOwner(`${owner}-${random}`)).toBe(owner);
        expect(podOwner(`${owner}-${ordinal}`)).toBe(owner);
      }),
    );
  });

  it("is quick on a name made to be slow", () => {
    const begun = performance.now();
    for (const part of ["-bcdfgh", "-0", "-22222", "a-"]) podOwner(`${part.repeat(10_000)}!`);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});
