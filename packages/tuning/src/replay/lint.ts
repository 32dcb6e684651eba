import type { CandidateProblem } from "@dropscope/model";
import {
  type Finding,
  lint,
  type Manifests,
  mergeManifests,
  parseManifests,
  type Severity,
} from "@dropscope/policy";
import { objectKey, type TuningCluster } from "../cluster/index.js";

/**
 * What is wrong or doubtful in the text of a candidate, judged with what the cluster holds beside it: the policies of
 * the same namespaces, which may allow what this one leaves out, and all other objects.
 * @param text one or several documents
 */
export function lintCandidate(
  text: string,
  cluster: TuningCluster,
  options: { readonly namespace?: string } = {},
): CandidateProblem[] {
  const { profile } = cluster;
  const parsed = parseManifests(text, FILE, { cluster: profile.cluster, ...options });
  const merged = mergeManifests([parsed, besides(parsed, cluster)]);
  return lint(merged, { profile })
    .filter(({ place }) => place.file === FILE)
    .map(problemOf);
}

/** No file of the store or of a folder is called so. */
const FILE = "candidate/policies.yaml";

/** More policies are not looked at: lints take a second for each thousand. */
const MOST_POLICIES = 300;

function besides(candidate: Manifests, { policies, objects }: TuningCluster): Manifests {
  const replaced = new Set(candidate.policies.map(objectKey));
  const namespaces = new Set(["", ...candidate.policies.map(({ namespace }) => namespace)]);
  const others = policies
    .filter((one) => namespaces.has(one.namespace) && !replaced.has(objectKey(one)))
    .slice(0, MOST_POLICIES);
  return {
    policies: others,
    namespaces: objects.flatMap((one) => (one.kind === "Namespace" ? [one.value] : [])),
    workloads: objects.flatMap((one) => (one.kind === "Pod" ? [one.value] : [])),
    services: objects.flatMap((one) => (one.kind === "Service" ? [one.value] : [])),
    nodes: objects.flatMap((one) => (one.kind === "Node" ? [one.value] : [])),
    cidrGroups: objects.flatMap((one) => (one.kind === "CiliumCIDRGroup" ? [one.value] : [])),
    publications: [],
    problems: [],
    sources: [],
  };
}

const SEVERITY: Readonly<Record<Severity, CandidateProblem["severity"]>> = {
  error: "error",
  high: "warning",
  medium: "warning",
  low: "info",
  info: "info",
};

function problemOf({ id, severity, message, fix, place }: Finding): CandidateProblem {
  return {
    severity: SEVERITY[severity],
    // Codes of what does not parse are words; lints are letters and a number.
    rule: /^[A-Z]+\d+$/.test(id) ? id : "",
    message: fix === "" ? message : `${message} — ${fix}`,
    line: place.line,
    column: place.column,
  };
}
