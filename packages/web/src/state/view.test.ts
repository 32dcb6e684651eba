import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  againstOf,
  boundsOf,
  formatView,
  lasting,
  momentOf,
  parseView,
  PLACE_NAMES,
  SPANS,
  START,
} from "./view.js";
import type { Against, Range, View } from "./view.js";

const range: fc.Arbitrary<Range> = fc.oneof(
  fc.constant<Range>({ kind: "live" }),
  fc.constantFrom(...SPANS).map(({ ms }): Range => ({ kind: "last", ms })),
  fc
    .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e9 }))
    .map(([from, size]): Range => ({ kind: "between", from, to: from + size })),
  fc.integer({ min: 0, max: 4e12 }).map((at): Range => ({ kind: "at", at })),
);

const against: fc.Arbitrary<Against> = fc.oneof(
  fc.constantFrom<Against>({ kind: "before" }, { kind: "day" }, { kind: "week" }),
  fc
    .tuple(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1e9 }))
    .map(([from, size]): Against => ({ kind: "between", from, to: from + size })),
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
      against,
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
    "?at=yesterday&with=month",
    "?with-from=2025-11-22T15:00:00Z&with-to=2025-11-22T14:00:00Z",
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

  it("a moment shows the quarter of an hour before it, and is the moment of what has no length", () => {
    const at = Date.UTC(2025, 10, 22, 14, 2);
    expect(decodeURIComponent(formatView({ ...START, range: { kind: "at", at } }))).toBe(
      "?at=2025-11-22T14:02:00Z",
    );
    expect(boundsOf({ kind: "at", at }, at + 1e9)).toEqual({ from: at - 900_000, to: at });
    expect(momentOf({ kind: "at", at })).toBe(at);
    expect(momentOf({ kind: "between", from: 1, to: 2 })).toBe(2);
    expect(momentOf({ kind: "last", ms: 1 })).toBeUndefined();
    expect(lasting({ ...START, range: { kind: "at", at } }, at + 1).range).toEqual({
      kind: "at",
      at,
    });
  });

  it("is compared with the time right before it, another day, or any other range", () => {
    const shown = { from: 900_000_000, to: 901_000_000 };
    expect(againstOf({ kind: "before" }, shown)).toBeUndefined();
    expect(againstOf({ kind: "day" }, shown)).toEqual({ from: 813_600_000, to: 814_600_000 });
    expect(againstOf({ kind: "week" }, shown)?.to).toBe(901_000_000 - 604_800_000);
    expect(againstOf({ kind: "between", from: 1, to: 2 }, shown)).toEqual({ from: 1, to: 2 });
  });
});
