import { type Evidence, type Finding, SEVERITIES } from "../finding.js";
import { countBySeverity } from "./json.js";

/** Findings for people, by file; each line without a line break at its end. */
export function findingsText(findings: readonly Finding[]): string[] {
  const lines: string[] = [];
  let file: string | undefined;
  for (const finding of findings) {
    if (finding.place.file !== file) {
      if (file !== undefined) lines.push("");
      ({ file } = finding.place);
      lines.push(file);
    }
    lines.push(...findingLines(finding));
  }
  if (findings.length > 0) lines.push("");
  lines.push(countLine(findings));
  return lines;
}

function findingLines({ id, severity, message, place, evidence, basis, fix, patch }: Finding) {
  return [
    `  ${place.line}:${place.column}  ${severity}  ${id}  ${message}`,
    `      fix: ${fix}${patch ? " (There is a patch.)" : ""}`,
    ...evidence.map((one) => `      see: ${evidenceText(one)}`),
    ...(basis === undefined ? [] : [`      by:  ${basis}`]),
  ];
}

function evidenceText({ kind, namespace, name, place, note }: Evidence): string {
  const object = `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
  const where = place === undefined ? "" : ` at ${place.file}:${place.line}`;
  return `${object}${where}${note === undefined ? "" : `: ${note}`}`;
}

/** `3 findings in 2 files: 1 error, 2 medium. 1 with a patch.` */
function countLine(findings: readonly Finding[]): string {
  if (findings.length === 0) return "No findings.";
  const counts = countBySeverity(findings);
  const files = new Set(findings.map(({ place }) => place.file)).size;
  const parts = SEVERITIES.filter((severity) => counts[severity] > 0).map(
    (severity) => `${counts[severity]} ${severity}`,
  );
  const patches = findings.filter(({ patch }) => patch).length;
  const found = `${findings.length} finding${findings.length === 1 ? "" : "s"} in ${files} file${files === 1 ? "" : "s"}`;
  return `${found}: ${parts.join(", ")}.${patches === 0 ? "" : ` ${patches} with a patch.`}`;
}
