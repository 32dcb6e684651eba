import { jsonPointer } from "../../patch/operations.js";
import { type Finding, SEVERITIES, type Severity } from "../finding.js";

/** Findings for programs: paths of patches are JSON pointers (RFC 6901), operations those of RFC 6902. */
export function findingsJson(findings: readonly Finding[]): unknown {
  return {
    findings: findings.map(({ patch, ...finding }) =>
      patch === undefined
        ? finding
        : Object.assign(finding, {
            patch: {
              file: patch.file,
              operations: patch.operations.map((operation) =>
                Object.assign(
                  { ...operation, path: jsonPointer(operation.path) },
                  operation.op === "move" ? { from: jsonPointer(operation.from) } : {},
                ),
              ),
              edit: patch.edit,
            },
          }),
    ),
    counts: countBySeverity(findings),
  };
}

export function countBySeverity(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0]));
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1;
  return counts as Record<Severity, number>;
}
