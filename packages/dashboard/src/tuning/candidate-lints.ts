import type { CandidateProblem } from "@dropscope/model";
import { type Finding, lint, mergeManifests, parseManifests } from "@dropscope/policy";
import { type Candidate, catalogManifests, objectKey, type TuningCluster } from "@dropscope/tuning";

const FILE = "policies.yaml";
/** An editor shows so many marks, and nobody reads more. */
const MOST = 200;

/**
 * What lints say of the text that somebody writes, beside what reading it says. They look at it together with the
 * cluster's other objects and those of its policies that could matter: of the same namespaces, and clusterwide.
 */
export function lintsOf(
  yaml: string,
  candidate: Candidate,
  { profile, objects, sources }: TuningCluster,
): CandidateProblem[] {
  const gone = new Set([...candidate.remove, ...candidate.set.map(objectKey)]);
  const namespaces = new Set(candidate.set.map(({ namespace }) => namespace));
  const isWide = namespaces.has("");
  const { cluster } = profile;
  const beside = [...sources]
    .filter(([key]) => !gone.has(key))
    .filter(([, { namespace }]) => isWide || namespace === "" || namespaces.has(namespace))
    .map(([key, { value, namespace }]) =>
      parseManifests(JSON.stringify(value), key, { cluster, namespace }),
    );
  const own = parseManifests(yaml, FILE, { cluster });
  const manifests = mergeManifests([...beside, catalogManifests(objects), own]);
  return lint(manifests, { profile })
    .filter(({ place }) => place.file === FILE)
    .slice(0, MOST)
    .map(problemOf);
}

function problemOf({ id, severity, message, fix, place }: Finding): CandidateProblem {
  return {
    severity:
      severity === "error"
        ? "error"
        : severity === "info" || severity === "low"
          ? "info"
          : "warning",
    rule: id,
    message: `${message} ${fix}`,
    line: place.line,
    column: place.column,
  };
}
