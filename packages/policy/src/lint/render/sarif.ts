import type { Manifests } from "../../objects.js";
import type { TextEdit } from "../../patch/patch.js";
import type { Place } from "../../place.js";
import { countLines, type Lines } from "../../source/lines.js";
import type { Evidence, Finding, Severity } from "../finding.js";
import type { LintRule } from "../rule.js";
import { LINT_RULES } from "../rules/index.js";
import { fingerprints } from "./fingerprint.js";

/**
 * Findings as a SARIF 2.1.0 log of one run, for code scanning services. Rules are
 * those that found something. Places of patches are worked out in the files' texts.
 */
export function sarifLog(
  findings: readonly Finding[],
  manifests: Manifests,
  tool: { readonly version: string; readonly asOf?: string },
): unknown {
  const texts = new Map(
    manifests.sources.map((source) => [source.placeOf("").file, source.text] as const),
  );
  const lines = new Map<string, Lines>();
  const linesOf = (file: string): Lines => {
    const known = lines.get(file) ?? countLines(texts.get(file) ?? "");
    lines.set(file, known);
    return known;
  };
  const ids = [...new Set(findings.map(({ id }) => id))].sort();
  const prints = fingerprints(findings);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "dropscope", version: tool.version, rules: ids.map(reportingDescriptor) },
        },
        invocations: [
          {
            executionSuccessful: true,
            ...(tool.asOf === undefined ? {} : { endTimeUtc: tool.asOf }),
          },
        ],
        columnKind: "utf16CodeUnits",
        results: findings.map((finding, index) =>
          result(finding, ids.indexOf(finding.id), prints[index]!, linesOf),
        ),
      },
    ],
  };
}

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

const rules = new Map<string, LintRule>(LINT_RULES.map((rule) => [rule.id, rule]));

function reportingDescriptor(id: string): unknown {
  const rule = rules.get(id);
  if (rule === undefined)
    // A problem of reading: its meaning is in its message.
    return {
      id,
      shortDescription: { text: "The manifests cannot be read as they are written" },
      defaultConfiguration: { level: "error" },
    };
  const { title, severity, needs, help } = rule;
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: help.why },
    help: {
      text: `${help.why}\n\n${help.fix}`,
      markdown: `${help.why}\n\n**Fix:** ${help.fix}`,
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ["network-policy", severity], needs },
  };
}

function result(
  finding: Finding,
  ruleIndex: number,
  print: string,
  linesOf: (file: string) => Lines,
): unknown {
  const { id, severity, message, place, object, evidence, patch, fix, basis, asOf } = finding;
  const { kind, namespace, name, uid, resourceVersion } = object;
  const title = `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
  return {
    ruleId: id,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${message} ${fix}` },
    locations: [
      {
        physicalLocation: physicalLocation(place),
        logicalLocations: [
          {
            name,
            fullyQualifiedName: place.path === "" ? title : `${title}: ${place.path}`,
            kind: "object",
          },
        ],
      },
    ],
    ...(evidence.length === 0 ? {} : { relatedLocations: evidence.map(relatedLocation) }),
    partialFingerprints: { "dropscopeFinding/v1": print },
    ...(patch
      ? {
          fixes: [
            {
              description: { text: fix },
              artifactChanges: [
                {
                  artifactLocation: { uri: uriOf(patch.file) },
                  replacements: [replacement(patch.edit, linesOf(patch.file))],
                },
              ],
            },
          ],
        }
      : {}),
    properties: { severity, path: place.path, uid, resourceVersion, basis, asOf },
  };
}

function physicalLocation({ file, line, column }: Place): unknown {
  return {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  };
}

function relatedLocation({ kind, namespace, name, place, note }: Evidence, id: number): unknown {
  const title = `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
  return {
    id,
    message: { text: note === undefined ? title : `${title}: ${note}` },
    ...(place ? { physicalLocation: physicalLocation(place) } : {}),
  };
}

function replacement({ start, end, replacement: text }: TextEdit, lines: Lines): unknown {
  const from = lines.at(start);
  const to = lines.at(end);
  return {
    deletedRegion: {
      startLine: from.line,
      startColumn: from.column,
      endLine: to.line,
      endColumn: to.column,
    },
    insertedContent: { text },
  };
}

/** A path as a URI reference: relative ones stay relative. */
function uriOf(file: string): string {
  const path = file
    .replaceAll("\\", "/")
    .split("/")
    .map((part) => encodeURIComponent(part))
    .join("/");
  if (path.startsWith("/")) return `file://${path}`;
  // `C:/policies` has been encoded to `C%3A/policies`.
  return /^[A-Za-z]%3A\//.test(path) ? `file:///${path.replace("%3A", ":")}` : path;
}
