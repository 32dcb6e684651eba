import type { CandidateProblem } from "@dropscope/model";
import {
  type ManifestProblem,
  type Manifests,
  mergeManifests,
  parseManifests,
  type Policy,
  type SourceObject,
} from "@dropscope/policy";
import { objectKey, sourcesOfManifests } from "../cluster/index.js";

/** A change of policies that somebody thinks about. */
export interface Candidate {
  /** All specs of each object; each object stands in place of the one of its kind, namespace and name. */
  readonly set: readonly Policy[];
  /** As they were written, by `objectKey`. */
  readonly sources: ReadonlyMap<string, SourceObject>;
  /** `objectKey`s of policies to be taken away. */
  readonly remove: readonly string[];
  /** What cannot be used, or is not what it seems; the rest still counts. */
  readonly problems: readonly CandidateProblem[];
}

/** @param file how problems name the text */
export function readCandidate(
  text: string,
  options: {
    readonly cluster: string;
    readonly namespace?: string;
    readonly remove?: readonly string[];
    readonly file?: string;
  },
): Candidate {
  const { remove = [], file = "policies.yaml", ...rest } = options;
  return candidateOf(mergeManifests([parseManifests(text, file, rest)]), remove);
}

/** What policies of manifests would mean in place of those in force; other objects are passed over. */
export function candidateOf(manifests: Manifests, remove: readonly string[] = []): Candidate {
  return {
    set: manifests.policies,
    sources: sourcesOfManifests(manifests),
    remove,
    problems: manifests.problems.map(problemOf),
  };
}

function problemOf({ severity, message, fix, place }: ManifestProblem): CandidateProblem {
  const { line, column } = place;
  return {
    severity,
    rule: "",
    message: fix === "" ? message : `${message} — ${fix}`,
    line,
    column,
  };
}

/** Policies of an object list, by `objectKey`. */
export function policiesByObject(policies: readonly Policy[]): Map<string, Policy[]> {
  const found = new Map<string, Policy[]>();
  for (const policy of policies) {
    const key = objectKey(policy);
    const specs = found.get(key);
    if (specs === undefined) found.set(key, [policy]);
    else specs.push(policy);
  }
  return found;
}
