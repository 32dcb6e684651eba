import { fileLabels, type GitHistory, isCheckout, openHistory } from "@dropscope/correlator";
import type { Manifests } from "@dropscope/policy";
import { loadManifests } from "../commands/policy/load.js";
import { policyFiles } from "../wire/policy-files.js";

/** What is known of the policies of a past time. */
export interface KnownPast {
  readonly histories: readonly GitHistory[];
  /** Of folders without a history: it is taken to have held at all times. */
  readonly manifests?: Manifests;
  /** What there is, one sentence each. */
  readonly told: readonly string[];
}

export interface PastQuestion {
  /** Name of the cluster that the policies are in. */
  readonly cluster: string;
  /** Instead of what is checked out. */
  readonly branch: string | undefined;
  readonly namespace?: string;
}

/**
 * The histories of the folders that are in a git checkout, and what the others hold.
 * @throws DropscopeError `POLICY_FILE`, `POLICY_EMPTY`, `GIT_HISTORY`
 */
export async function readPast(
  paths: readonly string[],
  { cluster, branch, namespace = "default" }: PastQuestion,
): Promise<KnownPast> {
  const named = paths.filter((path) => path !== "-");
  // A folder that is not there is a mistake, and not one without a history.
  policyFiles(named);
  const labelOf = fileLabels(paths);
  const histories: GitHistory[] = [];
  const plain: string[] = [];
  const told: string[] = [];
  for (const path of paths) {
    const options = { cluster, namespace, labelOf, ...(branch === undefined ? {} : { branch }) };
    const isGit = path !== "-" && (branch !== undefined || isCheckout(path));
    const history = isGit ? await openHistory(path, options) : undefined;
    if (history !== undefined) {
      histories.push(history);
      told.push(historyText(path, history));
      continue;
    }
    plain.push(path);
    const why = isGit ? "no commit holds a manifest there" : "it is in no git checkout";
    told.push(`${path}: ${why}, so what it holds is taken to have held at all times`);
  }
  if (plain.length === 0) return { histories, told };
  const manifests = await loadManifests(plain, {
    cluster,
    namespace,
    named: "--policies",
    labelOf,
  });
  return { histories, manifests, told };
}

function historyText(path: string, { commits, since, branch }: GitHistory): string {
  const of = branch === "" ? "" : ` of ${branch}`;
  const count = commits === 1 ? "1 commit" : `${commits} commits`;
  return `${path}: ${count}${of} since ${new Date(since).toISOString().replace(".000Z", "Z")}`;
}
