import { describe, expect, it } from "vitest";
import type { PortMatch, Protocol } from "../policy.js";
import { addressEndpoint, podEndpoint } from "../world/ends.js";
import { matchesPort } from "./port.js";

const place = { file: "-", line: 1, column: 1, path: "" };
const pod = podEndpoint(
  {
    name: "a/b",
    namespace: "a",
    labels: {},
    ports: [
      { name: "http", protocol: "TCP", port: 8080 },
      { name: "dns", protocol: "UDP", port: 53 },
    ],
  },
  {},
  "default",
);

function range(protocols: Protocol[], first: number, last = first): PortMatch {
  return { of: "number", protocols, first, last, place };
}

describe("ports", () => {
  it("match protocol and range, both ends included", () => {
    const port = range(["TCP"], 4096, 8191);
    expect(matchesPort(port, "TCP", 4096, pod)).toBe(true);
    expect(matchesPort(port, "TCP", 8191, pod)).toBe(true);
    expect(matchesPort(port, "TCP", 8192, pod)).toBe(false);
    expect(matchesPort(port, "UDP", 4096, pod)).toBe(false);
  });

  it("match ICMP types as numbers of their own protocol", () => {
    expect(matchesPort(range(["ICMP"], 8), "ICMP", 8, pod)).toBe(true);
    expect(matchesPort(range(["TCP", "UDP", "SCTP"], 1, 65_535), "ICMP", 8, pod)).toBe(false);
    expect(matchesPort(range(["ICMPv6"], 128), "ICMP", 128, pod)).toBe(false);
  });

  it("look names up at the destination, with their protocol", () => {
    const named = (name: string, protocols: Protocol[]): PortMatch => ({
      of: "name",
      name,
      protocols,
      place,
    });
    expect(matchesPort(named("http", ["TCP"]), "TCP", 8080, pod)).toBe(true);
    expect(matchesPort(named("http", ["TCP"]), "TCP", 80, pod)).toBe(false);
    expect(matchesPort(named("dns", ["TCP"]), "TCP", 53, pod)).toBe(false);
    expect(matchesPort(named("dns", ["TCP", "UDP"]), "UDP", 53, pod)).toBe(true);
    expect(
      matchesPort(named("http", ["TCP"]), "TCP", 8080, addressEndpoint({ address: "1.1.1.1" })),
    ).toBe(false);
  });
});
