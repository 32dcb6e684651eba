import { readFileSync } from "node:fs";
import {
  catalogOfManifests,
  createCorrelator,
  createExplainer,
  type Explainer,
} from "@dropscope/correlator";
import { DropscopeError, EXIT, systemClock } from "@dropscope/model";
import { mergeManifests, parseManifests, PROFILES } from "@dropscope/policy";
import { createReader } from "@dropscope/store";
import type { Logger } from "pino";
import { createLogger } from "../log.js";
import type { AddCommand, Invocation } from "../program.js";
import { policyFiles } from "../wire/policy-files.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed } from "../wire/standard-output.js";
import { wireStore } from "../wire/store.js";

export const addCorrelate = (add: AddCommand): unknown =>
  add({
    name: "correlate",
    summary: "explain each drop that lands in the store",
    description:
      "Follows the store and writes one JSON line for each dropped or audited flow: when, in which direction, why in one sentence, the policies behind it, and the rule that came nearest. --policies names the policies in force, so that a default deny can be attributed; they are read again when they change.",
    groups: ["store"],
    settings: ["policies"],
    examples: [
      ["dropscope correlate --policies manifests/", "beside `up` or `ingest` on the same store"],
      ["dropscope correlate | jq -r .sentence", "only the sentences"],
    ],
    run,
  });

async function run({ loaded }: Invocation): Promise<void> {
  const { config } = loaded;
  const logger = createLogger(config);
  const store = wireStore(config, logger, { readOnly: true });
  const policies = policyReader(config.policies, logger);
  // Before anything starts: a mistake in a path must not cost a start of the engine.
  const { count } = policies();
  const correlator = createCorrelator({
    reader: createReader(store.client),
    clock: systemClock,
    explainer: () => policies().explainer,
    onExplained(flow, explanation) {
      process.stdout.write(`${JSON.stringify({ ...explanation, node: flow.node_name })}\n`);
    },
    onTrouble: (error) => logger.warn({ err: error }, "the store cannot be read; trying again"),
  });
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "correlator", part: correlator },
    ],
    logger,
    {
      started: () => logger.info({ policies: count }, "explaining drops"),
      until: outputClosed,
    },
  );
}

interface Read {
  readonly count: number;
  readonly explainer: Explainer;
}

/** An explainer by the policies of the folders as they are now; read again when a file changed. */
function policyReader(folders: readonly string[], logger: Logger): () => Read {
  let stamp: string | undefined;
  let read: Read | undefined;
  return () => {
    const files = policyFiles(folders);
    const now = files.map(({ path, changed, size }) => `${path}:${changed}:${size}`).join("\n");
    if (read !== undefined && now === stamp) return read;
    stamp = now;
    const manifests = mergeManifests(files.map(({ path }) => parseManifests(readText(path), path)));
    for (const { code, message, place, severity } of manifests.problems)
      logger.warn(
        { code, file: place.file, line: place.line },
        severity === "error" ? `left out: ${message}` : message,
      );
    const profile = PROFILES.cilium;
    const history = catalogOfManifests(manifests, profile);
    const still = { objects: 0, pods: 0 };
    const explainer = createExplainer({ history, profile, revisions: () => still });
    read = { count: manifests.policies.length, explainer };
    return read;
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new DropscopeError(
      "POLICY_FILE",
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
      {
        next: "Check the path and its rights.",
        exitCode: EXIT.noInput,
      },
    );
  }
}
