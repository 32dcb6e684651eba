import { catalogObjects, fileLabels } from "@dropscope/correlator";
import { DropscopeError, EXIT, type ReplayAnswer } from "@dropscope/model";
import { type CatalogObject, mergeManifests } from "@dropscope/policy";
import {
  applyPatch,
  type Candidate,
  candidateOf,
  objectKey,
  readPatch,
  replay,
  type TuningCluster,
  withObjects,
} from "@dropscope/tuning";
import { loadManifests } from "../../commands/policy/load.js";
import { readManifestFiles } from "../../commands/policy/manifest-files.js";
import type { Failure } from "../../commands/policy/simulate.js";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { withTuning } from "../../tuning/inputs.js";
import { problemLine, replayText } from "../../tuning/replay-text.js";

/** Runs `dropscope policy simulate`. */
export async function run(invocation: Invocation): Promise<void> {
  const { options, loaded, outcome } = invocation;
  const patch = options["patch"] as string | undefined;
  const remove = (options["remove"] as readonly string[] | undefined) ?? [];
  const proposed = loaded.config.policies;
  refuseNothing(invocation);
  refuseTwice([
    options["flows"] as string | undefined,
    patch,
    ...proposed,
    ...((options["current"] as readonly string[] | undefined) ?? []),
  ]);
  const namespace = options["namespace"] as string | undefined;
  const ask = {
    policies: currentOf(invocation),
    ...(namespace === undefined ? {} : { namespace }),
  };
  await withTuning(invocation, ask, async ({ traffic, cluster }) => {
    const { cluster: name } = cluster.profile;
    const { candidate, beside } =
      patch === undefined
        ? await candidateOfFiles(proposed, name)
        : {
            candidate: applyPatch(readPatch(await readText(patch)), textsOf(cluster), {
              cluster: name,
            }),
            beside: [],
          };
    refuseErrors(candidate);
    for (const key of remove) refuseUnknown(key, cluster);
    const pruned = options["prune"] === true ? prunedBy(candidate, cluster, namespace) : [];
    const whole = { ...candidate, remove: [...candidate.remove, ...remove, ...pruned] };
    const answer = replay(withObjects(cluster, beside), traffic, whole);
    refuseErrors(answer);
    for (const problem of answer.problems) process.stderr.write(`${problemLine(problem)}\n`);
    process.stdout.write(
      options["output"] === "json" ? `${JSON.stringify(answer)}\n` : replayText(answer),
    );
    const failOn = (options["failOn"] as readonly Failure[] | undefined) ?? [];
    if (failOn.some((what) => isSo(what, answer))) outcome.exitCode = EXIT.failed;
  });
}

/** What was not judged, because nobody knows how or because it was never seen, may be denied. */
function isSo(what: Failure, { counts, evidence }: ReplayAnswer): boolean {
  switch (what) {
    case "newly-denied":
      return counts.newlyDenied.edges > 0;
    case "newly-allowed":
      return counts.newlyAllowed.edges > 0;
    case "unknown":
      return counts.unknown.flows > 0 || evidence.left > 0 || evidence.gaps.length > 0;
  }
}

/** Policies in force that are named on the line; undefined for those of the store. */
function currentOf({ options, loaded }: Invocation): readonly string[] {
  const current = options["current"] as readonly string[] | undefined;
  if (current !== undefined) return current;
  return options["patch"] === undefined ? [] : loaded.config.policies;
}

/** The policies of files, and what else stands there: groups and Services that they refer to may be new too. */
async function candidateOfFiles(
  paths: readonly string[],
  cluster: string,
): Promise<{ candidate: Candidate; beside: readonly CatalogObject[] }> {
  if (paths.length === 0) return { candidate: candidateOf(mergeManifests([])), beside: [] };
  const manifests = await loadManifests(paths, {
    named: "--policies",
    cluster,
    labelOf: fileLabels(paths),
  });
  const { problems, ...candidate } = candidateOf(manifests);
  const beside = catalogObjects({ ...manifests, policies: [] });
  // Warnings were said already, each with its file.
  return { candidate: { ...candidate, problems: problems.filter(isError) }, beside };
}

const isError = ({ severity }: Candidate["problems"][number]): boolean => severity === "error";

/** Whole files, each once. */
function textsOf({ sources }: TuningCluster): { name: string; text: string }[] {
  const found = new Map<string, { name: string; text: string }>();
  for (const source of sources.values()) {
    const name = source.placeOf("").file;
    found.set(`${name}\n${source.text}`, { name, text: source.text });
  }
  return [...found.values()];
}

function prunedBy(
  { set }: Candidate,
  { policies }: TuningCluster,
  namespace: string | undefined,
): string[] {
  const kept = new Set(set.map(objectKey));
  return policies
    .filter((policy) => namespace === undefined || policy.namespace === namespace)
    .map(objectKey)
    .filter((key) => !kept.has(key));
}

/** A candidate that is not taken as it was meant must not pass for a harmless one. */
function refuseErrors({ problems }: Pick<Candidate, "problems">): void {
  const errors = problems.filter(isError);
  if (errors.length === 0) return;
  throw new DropscopeError(
    "POLICY_REFUSED",
    `${errors.length === 1 ? "A policy is" : `${errors.length} policies are`} refused, so nothing is said of the rest: ${errors[0]?.message ?? ""}`,
    { next: "Correct it: an answer without it would mislead.", exitCode: EXIT.badInput },
  );
}

function refuseUnknown(key: string, { policies }: TuningCluster): void {
  if (policies.some((policy) => objectKey(policy) === key)) return;
  throw new DropscopeError("POLICY_MISSING", `--remove: no policy ${shown(key)} is in force.`, {
    next: "Write KIND/NAMESPACE/NAME as it is in force; of clusterwide kinds the namespace is empty: KIND//NAME.",
    exitCode: EXIT.noInput,
  });
}

function refuseNothing({ options, loaded }: Invocation): void {
  const asks = [options["patch"], options["remove"], options["prune"]];
  if (loaded.config.policies.length > 0 || asks.some((one) => one !== undefined)) return;
  throw new DropscopeError(
    "USAGE",
    "Nothing is proposed: there is no --policies, --patch or --remove.",
    {
      next: "Name the folder or file of the policies that you think about.",
      exitCode: EXIT.usage,
    },
  );
}

/** Standard input can be read once. */
function refuseTwice(inputs: readonly (string | undefined)[]): void {
  if (inputs.filter((one) => one === "-").length < 2) return;
  throw new DropscopeError(
    "USAGE",
    "Standard input can be only one of flows, policies and patch.",
    {
      next: "Name a file or folder for the others.",
      exitCode: EXIT.usage,
    },
  );
}

async function readText(path: string): Promise<string> {
  const [file] = await readManifestFiles([path]);
  return file?.text ?? "";
}
