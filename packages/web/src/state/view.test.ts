import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundsOf, formatView, lasting, parseView, PLACE_NAMES, SPANS, START } from "./view.js";
import type { Range, View } from "./view.js";

const range: fc.Arbitrary<Range> = fc.oneof(
  fc.constant<Range>({ kind: "live" }),
  fc.constantFrom(...SPANS).map(({ ms }): Range => ({ kind: "last", ms })),
  fc
    .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e9 }))
    .map(([from, size]): Range => ({ kind: "between", from, to: from + size })),
);

describe("the view in the URL", () => {
  it("takes a range in ms too, as the API and the link after an import have it", () => {
    expect(parseView("?from=1732291368046&to=1732302383280").range).toEqual({
      kind: "between",
      from: 1732291368046,
      to: 1732302383280,
    });
  });

  it("comes back as it went", () => {
    const views = fc.record<View>({
      place: fc.constantFrom(...PLACE_NAMES),
      range,
      filter: fc.string({ maxLength: 200 }),
      flow: fc.string({ maxLength: 60 }),
      hidden: fc.uniqueArray(fc.constantFrom("POLICY_DENIED", "POLICY_DENY", "206")),
      code: fc.constantFrom("", "filter-unknown-flag"),
      item: fc.constantFrom("", "NetworkPolicy/web/cart"),
      show: fc.uniqueArray(fc.constantFrom("no-dns", "fold:kube-system", "open:web")),
    });
    fc.assert(
      fc.property(views, (view) => {
        expect(parseView(formatView(view))).toEqual(view);
      }),
    );
  });

  it("the start view has no query", () => {
    expect(formatView(START)).toBe("");
    expect(parseView("")).toEqual(START);
  });

  it.each([
    "?range=9y",
    "?from=yesterday&to=today",
    "?from=2025-11-22T15:00:00Z&to=2025-11-22T14:00:00Z",
    "?place=<script>&code=%3Cimg%3E&hide=%3Cb%3E",
    "?%E0%A4%A",
  ])("what it does not understand stays at the default: %s", (search) => {
    expect(parseView(search)).toEqual(START);
  });

  it("is written for people", () => {
    const view: View = {
      ...START,
      range: { kind: "between", from: Date.UTC(2025, 10, 22, 14), to: Date.UTC(2025, 10, 22, 15) },
    };
    expect(decodeURIComponent(formatView(view))).toBe(
      "?from=2025-11-22T14:00:00Z&to=2025-11-22T15:00:00Z",
    );
  });

  it("a link lasts: a relative range is fixed, live stays live", () => {
    const now = Date.UTC(2025, 10, 22, 14);
    const link = lasting({ ...START, range: { kind: "last", ms: 900_000 } }, now);
    expect(link.range).toEqual({ kind: "between", from: now - 900_000, to: now });
    expect(lasting(START, now)).toEqual(START);
    expect(boundsOf({ kind: "live" }, now)).toEqual({ from: now - 900_000, to: now });
  });
});
