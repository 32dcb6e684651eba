import type { Manifests, SourceObject } from "../objects.js";
import { createPatch } from "../patch/create.js";
import { createContext } from "./context/context.js";
import { record, text } from "./context/raw.js";
import { type Finding, MAX_EVIDENCE, type ObjectRef } from "./finding.js";
import { isIgnored } from "./ignore.js";
import type { LintOptions } from "./options.js";
import { problemFindings } from "./problems.js";
import { pathText } from "./path.js";
import type { Draft, LintRule } from "./rule.js";
import { LINT_RULES } from "./rules/index.js";

/**
 * What is wrong, risky or useless in the policies of `manifests`, judged with
 * what else stands there, and what reading them found wrong. In the order of the
 * places, the same on every run.
 */
export function lint(manifests: Manifests, options: LintOptions): Finding[] {
  const context = createContext(manifests, options);
  const findings: Finding[] = [];
  for (const rule of LINT_RULES) {
    if (options.only && !options.only.includes(rule.id)) continue;
    if (options.except?.includes(rule.id)) continue;
    for (const draft of rule.check(context)) {
      const { on } = draft;
      if (options.namespaces && !options.namespaces.includes(on.namespace)) continue;
      if (!isIgnored(on, rule.id)) findings.push(toFinding(rule, draft, options.asOf));
    }
  }
  const problems = problemFindings(manifests, findings).filter(
    ({ id, object }) =>
      (!options.only || options.only.includes(id)) &&
      !options.except?.includes(id) &&
      (!options.namespaces || options.namespaces.includes(object.namespace)),
  );
  const { asOf } = options;
  findings.push(
    ...(asOf === undefined ? problems : problems.map((one) => Object.assign(one, { asOf }))),
  );
  return findings.sort(byPlace);
}

function toFinding(rule: LintRule, draft: Draft, asOf: string | undefined): Finding {
  const { on, operations } = draft;
  const patch = operations && createPatch(on, operations);
  return {
    id: rule.id,
    severity: draft.severity ?? rule.severity,
    message: draft.message.charAt(0).toUpperCase() + draft.message.slice(1),
    place: { ...on.placeOf(pathText(draft.path)), path: pathText(draft.path) },
    object: objectRef(on),
    evidence: (draft.evidence ?? []).slice(0, MAX_EVIDENCE),
    ...(draft.basis === undefined ? {} : { basis: draft.basis }),
    ...(asOf === undefined ? {} : { asOf }),
    fix: draft.fix ?? rule.help.fix,
    ...(patch ? { patch } : {}),
  };
}

function objectRef({ apiVersion, kind, namespace, name, value }: SourceObject): ObjectRef {
  const metadata = record(value["metadata"]);
  const uid = text(metadata["uid"]);
  const resourceVersion = text(metadata["resourceVersion"]);
  return {
    apiVersion,
    kind,
    namespace,
    name,
    ...(uid === "" ? {} : { uid }),
    ...(resourceVersion === "" ? {} : { resourceVersion }),
  };
}

function byPlace(a: Finding, b: Finding): number {
  return (
    compare(a.place.file, b.place.file) ||
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    compare(a.id, b.id) ||
    compare(a.message, b.message)
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
