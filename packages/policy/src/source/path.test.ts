import * as fc from "fast-check";
import { expect, test } from "vitest";
import { childPath, pathSteps } from "./path.js";

test("paths read as people write them", () => {
  const path = ["spec", "ingress", 0, "from", 1, "matchLabels", "app.kubernetes.io/name"].reduce(
    childPath as (path: string | number, step: string | number) => string,
    "",
  );
  expect(path).toBe('spec.ingress[0].from[1].matchLabels["app.kubernetes.io/name"]');
});

test("a path taken apart is what it was made of", () => {
  const step = fc.oneof(fc.string({ minLength: 1 }), fc.nat(999_999_999));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let path = "";
      for (const one of steps) path = childPath(path, one);
      expect(pathSteps(path)).toEqual(steps);
    }),
    { seed: 1 },
  );
});

test("what is no path ends there", () => {
  expect(pathSteps("spec..x")).toEqual(["spec"]);
  expect(pathSteps("[x]")).toEqual([]);
});
