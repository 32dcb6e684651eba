import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasShared, SHARED } from "../kit/shared.js";

interface Case {
  readonly name: string;
  readonly reason: string;
}

// Plain JavaScript, as `npm run evaluate -- tuning` runs it.
const script = new URL("../../scripts/evaluate/tuning/corpora.mjs", import.meta.url).href;
const { cyclonusCases, netpolAnalyzerCases } = (await import(script)) as {
  readonly cyclonusCases: (dir: string, every?: number) => Iterable<Case>;
  readonly netpolAnalyzerCases: (dir: string) => Iterable<Case>;
};

const corpus = (name: string): string => join(SHARED, "corpus", name);
const isThere = hasShared() && existsSync(corpus("cyclonus"));

describe.skipIf(!isThere)(
  "suggesting from what a case allows gives back the same connections",
  () => {
    test("cyclonus, every fifteenth case", () => {
      const cases = [...cyclonusCases(corpus("cyclonus"), 15)];
      expect(cases.length).toBeGreaterThan(5);
      expect(cases.filter(({ reason }) => reason !== "")).toEqual([]);
    });

    test("connection lists of netpol-analyzer without blocks of addresses", () => {
      const cases = [...netpolAnalyzerCases(corpus("netpol-analyzer"))];
      const differing = cases.filter(({ reason }) => reason !== "");
      expect(cases.length).toBeGreaterThan(10);
      expect(differing.length, JSON.stringify(differing, undefined, 2)).toBeLessThanOrEqual(
        cases.length * 0.05,
      );
    });
  },
);
