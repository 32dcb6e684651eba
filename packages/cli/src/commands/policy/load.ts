import { DropscopeError, EXIT } from "@dropscope/model";
import {
  type ManifestProblem,
  type Manifests,
  mergeManifests,
  parseManifests,
} from "@dropscope/policy";
import { shown } from "../../observe/paint.js";
import { readManifestFiles } from "./manifest-files.js";

/** More are counted, not printed. */
const MAX_PRINTED = 100;

export interface LoadOptions {
  /** Namespace of objects that name none; `default` when absent. */
  readonly namespace?: string;
  /** Cluster that the policies are in; `default` when absent. */
  readonly cluster?: string;
  /** How a person names the paths: `--policies` or `DIR`. */
  readonly named: string;
  /** How answers name a file; its path when absent. */
  readonly labelOf?: (path: string) => string;
  /** Whether nothing at all is an answer too, as the old side of a comparison. */
  readonly mayBeEmpty?: boolean;
  /** Whether the caller tells of the problems itself. */
  readonly silent?: boolean;
}

/**
 * Everything that the paths (folders, files, `-`) hold, read and checked. What is wrong is said on
 * standard error, one line each; the rest still counts.
 * @throws DropscopeError `USAGE` without a path; `POLICY_FILE` for a path that cannot be read;
 *   `POLICY_EMPTY` when no file is found (exit 66) or nothing in the files can be used (exit 65)
 */
export async function loadManifests(
  paths: readonly string[],
  {
    namespace = "default",
    cluster = "default",
    named,
    labelOf = (path) => path,
    mayBeEmpty = false,
    silent = false,
  }: LoadOptions,
): Promise<Manifests> {
  if (paths.length === 0)
    throw new DropscopeError("USAGE", `${named} is missing: no policies are named.`, {
      next: "Name a folder of YAML or JSON, a file, or - for standard input.",
      exitCode: EXIT.usage,
    });
  const files = await readManifestFiles(paths);
  const manifests = mergeManifests(
    files.map(({ path, text }) => parseManifests(text, labelOf(path), { namespace, cluster })),
  );
  if (!silent) printProblems(manifests.problems);
  if (!mayBeEmpty) refuseNothing(paths, files.length, manifests);
  return manifests;
}

/** A mistyped folder must not pass for one that allows everything. */
function refuseNothing(paths: readonly string[], files: number, manifests: Manifests): void {
  const where = shown(paths.join(", "));
  if (files === 0)
    throw new DropscopeError("POLICY_EMPTY", `There is no .yaml, .yml or .json file in ${where}.`, {
      next: "Name the folder that holds the manifests.",
      exitCode: EXIT.noInput,
    });
  const { policies, namespaces, workloads, services, nodes, cidrGroups, problems } = manifests;
  const used = [policies, workloads, services, nodes, cidrGroups];
  if ([...used, namespaces.filter(({ place }) => place)].some(({ length }) => length > 0)) return;
  throw new DropscopeError(
    "POLICY_EMPTY",
    `Nothing in ${where} can be used: ${problems.length === 0 ? "it holds no policy, namespace, workload or service" : "see the problems above"}.`,
    { next: "Name files that hold Kubernetes or Cilium manifests.", exitCode: EXIT.badInput },
  );
}

/** Problems as a person reads them, on standard error: errors first, `file:line:column` in front. */
export function printProblems(problems: readonly ManifestProblem[]): void {
  const ordered = [
    ...problems.filter(({ severity }) => severity === "error"),
    ...problems.filter(({ severity }) => severity === "warning"),
  ];
  for (const problem of ordered.slice(0, MAX_PRINTED))
    process.stderr.write(`${problemText(problem)}\n`);
  const left = ordered.length - MAX_PRINTED;
  if (left > 0) process.stderr.write(`… and ${left} more.\n`);
}

/** `file:line:column: severity: message (CODE) — fix`, in one line whatever the names in it hold. */
export function problemText({ code, severity, message, fix, place }: ManifestProblem): string {
  const where = `${place.file}:${place.line}:${place.column}`;
  return shown(`${where}: ${severity}: ${message} (${code})${fix === "" ? "" : ` — ${fix}`}`);
}
