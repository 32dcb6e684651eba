import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Labels, matches } from "./labels.js";
import { selectorFor } from "./selector.js";

describe("a selector", () => {
  const api = { app: "api", tier: "back" };

  test("is the label that names the workload", () => {
    expect(selectorFor(api, [api], [{ app: "db", tier: "back" }])).toEqual({
      labels: { app: "api" },
      absent: [],
    });
  });

  test("has one more where others share the name", () => {
    expect(selectorFor(api, [api], [{ app: "api", tier: "front" }])).toEqual({
      labels: api,
      absent: [],
    });
  });

  test("leaves out by what others have more", () => {
    expect(selectorFor(api, [api], [{ ...api, canary: "yes" }])).toEqual({
      labels: { app: "api" },
      absent: ["canary"],
    });
  });

  test("is none where nothing tells them apart", () => {
    expect(selectorFor(api, [api], [api])).toBeUndefined();
  });

  test("means all of its pods and none of the others, and could not be smaller", () => {
    const labels = fc.dictionary(
      fc.constantFrom("app", "tier", "team", "zone"),
      fc.constantFrom("a", "b"),
    );
    fc.assert(
      fc.property(labels, fc.array(labels, { maxLength: 6 }), (own: Labels, others) => {
        const found = selectorFor(own, [own], others);
        const isSame = (one: Labels): boolean =>
          Object.keys(own).every((key) => one[key] === own[key]) &&
          Object.keys(one).every((key) => own[key] === one[key]);
        if (found === undefined) {
          expect(others.some(isSame)).toBe(true);
          return;
        }
        const { labels: chosen, absent } = found;
        expect(matches(own, chosen, absent)).toBe(true);
        expect(others.some((one) => matches(one, chosen, absent))).toBe(false);
        // Whatever is taken away, somebody else is meant too; all but the label that names it.
        for (const key of Object.keys(chosen)) {
          if (key === "app" || absent.length > 0) continue;
          const { [key]: _, ...fewer } = chosen;
          expect(
            Object.keys(fewer).length === 0 || others.some((one) => matches(one, fewer, absent)),
          ).toBe(true);
        }
      }),
    );
  });
});
