import { describe, expect, test } from "vitest";
import { listed, type PortRange, portRanges, portsText } from "./ports.js";

const tcp = (...ports: number[]): PortRange[] =>
  ports.map((port) => ({ protocol: "TCP", first: port, last: port }));

describe("ports", () => {
  test("are a range where three or more in a row were seen", () => {
    expect(portRanges(tcp(8002, 80, 8000, 8001, 443, 444, 80))).toEqual([
      ...tcp(80, 443, 444),
      { protocol: "TCP", first: 8000, last: 8002 },
    ]);
  });

  test("are told in words", () => {
    expect(portsText(portRanges(tcp(80, 443)))).toBe("TCP 80 and 443");
    expect(portsText(portRanges([...tcp(53), { protocol: "UDP", first: 53, last: 53 }]))).toBe(
      "TCP and UDP 53",
    );
    expect(portsText(portRanges([{ protocol: "ICMP", first: 8, last: 8 }]))).toBe("ICMP type 8");
    const all = (["TCP", "UDP", "SCTP"] as const).map((protocol) => ({
      protocol,
      first: 1,
      last: 65_535,
    }));
    expect(portsText(all)).toBe("any port");
    expect(portsText(all.slice(0, 1))).toBe("TCP");
  });
});

test("lists name a few and count the rest", () => {
  expect(listed(["a"])).toBe("a");
  expect(listed(["a", "b", "c"])).toBe("a, b and c");
  expect(listed(["a", "b", "c", "d", "e"])).toBe("a, b, c, d and e");
  expect(listed(["a", "b", "c", "d", "e", "f"])).toBe("a, b, c, d and 2 more");
});
