import type { ManifestProblem, Manifests, SourceObject } from "../objects.js";
import type { Finding, ObjectRef } from "./finding.js";

/**
 * What reading the manifests found wrong, as findings whose id is the problem's
 * code: an error where an object is refused, low where only a part of it is odd.
 * A problem that a lint tells of at the same line is left to the lint.
 */
export function problemFindings(manifests: Manifests, told: readonly Finding[]): Finding[] {
  const lines = new Set(told.map(({ place }) => lineOf(place)));
  const repeated = new Set(
    told.filter(({ id }) => id === "NP009").map(({ object }) => key(object)),
  );
  // Layers of kustomize repeat names on purpose.
  const layered = manifests.sources.some(({ kind }) => kind === "Kustomization");
  return manifests.problems
    .filter(({ place }) => !lines.has(lineOf(place)))
    .filter(({ code, object }) => !layered || code !== "DUPLICATE" || object === undefined)
    .filter(({ code, object }) => code !== "DUPLICATE" || !object || !repeated.has(key(object)))
    .map((problem) => toFinding(problem, manifests.sources));
}

const lineOf = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  `${line}:${file}`;

const key = ({ kind, namespace, name }: Pick<ObjectRef, "kind" | "namespace" | "name">): string =>
  JSON.stringify([kind, namespace, name]);

function toFinding(problem: ManifestProblem, sources: readonly SourceObject[]): Finding {
  const { code, severity, message, fix, place } = problem;
  const object = problem.object ?? { kind: "", namespace: "", name: "" };
  const source = sources.find(
    (one) =>
      one.kind === object.kind && one.namespace === object.namespace && one.name === object.name,
  );
  return {
    id: code,
    severity: severity === "error" ? "error" : "low",
    message: sentence(message),
    place,
    object: { apiVersion: source?.apiVersion ?? "", ...object },
    evidence: [],
    fix: sentence(fix),
  };
}

function sentence(text: string): string {
  const whole = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
