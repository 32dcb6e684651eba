import { describe, expect, it } from "vitest";
import { foldGaps, type Gap } from "./gap.js";

const outage = (over: Partial<Gap>): Gap => ({
  time: "2026-01-01T00:01:00Z",
  node: "n1",
  cause: "node-error",
  count: 0,
  from: "2026-01-01T00:00:00Z",
  ...over,
});

describe("foldGaps", () => {
  it("keeps of a pair the row that closes it", () => {
    const closed = outage({ to: "2026-01-01T00:05:00Z" });
    expect(foldGaps([outage({}), closed])).toEqual([closed]);
  });

  it("drops a pair that lost nothing, and keeps one that is open", () => {
    expect(foldGaps([outage({}), outage({ to: "2026-01-01T00:00:00Z" })])).toEqual([]);
    expect(foldGaps([outage({})])).toEqual([outage({})]);
  });

  it("does not mix nodes, causes or other gaps", () => {
    const others = [
      outage({ node: "n2" }),
      outage({ cause: "node-unavailable" }),
      outage({ from: "2026-01-01T00:00:01Z" }),
      outage({ cause: "hubble-ring", count: 5 }),
      outage({ cause: "hubble-ring", count: 5, to: "2026-01-01T00:00:00Z" }),
    ];
    const closed = outage({ to: "2026-01-01T00:05:00Z" });
    expect(foldGaps([...others, outage({}), closed])).toEqual([...others, closed]);
  });
});
