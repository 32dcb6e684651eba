import { type Finding, isAtLeast, type Manifests, type Severity } from "@dropscope/policy";
import type { TestCase } from "./report.js";

/** A case for each file: it fails when a finding of it is of the level or worse; lesser ones are told of. */
export function lintCases(
  { sources, problems }: Manifests,
  findings: readonly Finding[],
  level: Severity,
): TestCase[] {
  const files = new Set([
    ...sources.map((source) => source.placeOf("").file),
    ...problems.map(({ place }) => place.file),
    ...findings.map(({ place }) => place.file),
  ]);
  return [...files].sort().map((file) => {
    const own = findings.filter(({ place }) => place.file === file);
    const bad = own.filter(({ severity }) => isAtLeast(severity, level));
    // What fails comes first: it is what a report shows in its list.
    const told = [...bad, ...own.filter((one) => !bad.includes(one))];
    return {
      name: file,
      file,
      line: bad[0]?.place.line ?? 0,
      state: bad.length === 0 ? "passed" : "failed",
      says: told.map(
        ({ place, severity, id, message, fix }) =>
          `${place.line}:${place.column} ${severity} ${id} ${message} ${fix}`,
      ),
    };
  });
}
