import {
  catalogOfManifests,
  catalogOfPast,
  createDropPairs,
  createExplainer,
  type Explainer,
  type History,
  fileLabels,
  isExplained,
  type PairedDrop,
} from "@dropscope/correlator";
import { type ImportedFile, readFlowFile } from "@dropscope/ingester";
import { DropscopeError, EXIT, type Flow } from "@dropscope/model";
import { readPast } from "../../import/histories.js";
import { shown } from "../../observe/paint.js";
import type { Invocation } from "../../program.js";
import { outputClosed, outputDrained } from "../../wire/standard-output.js";
import { loadManifests } from "../policy/load.js";
import { profileOf } from "../policy/profile-options.js";
import { clusterNamed } from "./cluster.js";
import { explanationText } from "./print.js";

/** Flows that are read ahead at most, to learn what their cluster is called. */
const READ_AHEAD = 1000;

/**
 * Explains every dropped or audited flow of a file, in its order.
 * @throws DropscopeError of reading flows (`IMPORT_NO_FILE` …, `NOT_FLOWS`) and of reading policies
 */
export async function explainFile(input: string, { loaded, options }: Invocation): Promise<void> {
  const { policies } = loaded.config;
  if (input === "-" && policies.includes("-"))
    throw new DropscopeError("USAGE", "Standard input cannot be both flows and policies.", {
      next: "Name a file or folder for one of the two.",
      exitCode: EXIT.usage,
    });
  const withHistory = loaded.config["policies-history"];
  if (policies.length === 0) await explainerOf(policies, options, undefined);
  const explainOf = (cluster: string | undefined): Promise<Explainer> =>
    explainerOf(policies, options, cluster, withHistory);
  let explainer: Explainer | undefined;
  let over = false;
  void outputClosed().then(() => (over = true));
  const pairs = createDropPairs();
  const print = async (ready: readonly PairedDrop[]): Promise<void> => {
    for (const { told } of ready) {
      explainer ??= await explainOf(undefined);
      const text = explanationText(explainer.explain(told), options["output"] as string);
      process.stdout.write(text);
      if (process.stdout.writableNeedDrain) await outputDrained();
    }
  };

  let ahead: Flow[] = [];
  const take = async (flow: Flow): Promise<void> => {
    if (explainer !== undefined) return print(isExplained(flow) ? pairs.push(flow) : []);
    ahead.push(flow);
    const cluster = clusterNamed(flow);
    if (cluster === undefined && ahead.length < READ_AHEAD) return;
    await begin(cluster);
  };
  const begin = async (cluster: string | undefined): Promise<void> => {
    explainer = await explainOf(cluster);
    const held = ahead;
    ahead = [];
    for (const flow of held) if (isExplained(flow)) await print(pairs.push(flow));
  };

  const items = readFlowFile({ input });
  // Not `for await`: what the file as a whole was like comes with its end.
  for (;;) {
    const step = await items.next();
    if (over) return;
    if (step.done === true) {
      if (explainer === undefined) await begin(undefined);
      await print(pairs.flush());
      return sayRejected(step.value);
    }
    if (step.value.flow) await take(step.value.flow);
  }
}

/** What could not be read is said on standard error; what could be is explained all the same. */
function sayRejected({ name, damage, rejected, rejections }: ImportedFile): void {
  const say = (text: string): unknown => process.stderr.write(`${shown(text)}\n`);
  if (damage !== undefined) say(`${name} is damaged: ${damage}; what stood before it is explained`);
  for (const { line, message } of rejections) say(`${name}:${line}: ${message}`);
  const more = rejected - rejections.length;
  if (more > 0) say(`${name}: ${more} more were rejected`);
}

/**
 * An explainer by what the folders hold, as if it had always held; or, with their history, by what
 * each commit of their checkouts said from its time on.
 */
export async function explainerOf(
  policies: readonly string[],
  options: Invocation["options"],
  cluster: string | undefined,
  withHistory = false,
): Promise<Explainer> {
  const profile = profileOf({
    ...options,
    profile: options["profile"] ?? "cilium",
    cluster: options["cluster"] ?? cluster ?? "default",
  });
  const namespace = options["namespace"] as string;
  const still = { objects: 0, pods: 0 };
  const explainer = (history: History): Explainer =>
    createExplainer({ history, profile, revisions: () => still });
  if (withHistory) {
    const branch = options["policiesBranch"] as string | undefined;
    const past = await readPast(policies, { namespace, cluster: profile.cluster, branch });
    for (const sentence of past.told) process.stderr.write(`${shown(sentence)}\n`);
    return explainer(await catalogOfPast(past, profile));
  }
  const manifests = await loadManifests(policies, {
    namespace,
    cluster: profile.cluster,
    named: "--policies",
    labelOf: fileLabels(policies),
  });
  return explainer(catalogOfManifests(manifests, profile));
}
