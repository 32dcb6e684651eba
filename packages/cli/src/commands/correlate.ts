import { readFileSync } from "node:fs";
import { createCorrelator } from "@dropscope/correlator";
import { DropscopeError, EXIT, enumText, DROP_REASONS, systemClock } from "@dropscope/model";
import { parseManifests, type Policy } from "@dropscope/policy";
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
      "Follows the store and writes one JSON line for each drop: when, between whom, why in one sentence, and the policies behind it. --policies names the policies in force, so that a default deny can be attributed; they are read again when they change.",
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
  const { length } = policies();
  const correlator = createCorrelator({
    reader: createReader(store.client),
    clock: systemClock,
    policies,
    onExplained(flow, explanation) {
      const line = {
        time: flow.time,
        uuid: flow.uuid,
        node: flow.node_name,
        reason: enumText(DROP_REASONS, flow.drop_reason_desc),
        ...explanation,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
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
      started: () => logger.info({ policies: length }, "explaining drops"),
      until: outputClosed,
    },
  );
}

/** The policies of the folders as they are now; read again when a file changed. */
function policyReader(folders: readonly string[], logger: Logger): () => readonly Policy[] {
  let stamp: string | undefined;
  let policies: readonly Policy[] = [];
  return () => {
    const files = policyFiles(folders);
    const now = files.map(({ path, changed, size }) => `${path}:${changed}:${size}`).join("\n");
    if (now === stamp) return policies;
    stamp = now;
    const parsed = files.map(({ path }) => parseManifests(readText(path), path));
    for (const { problems } of parsed)
      for (const { code, message, place, severity } of problems)
        logger.warn(
          { code, file: place.file, line: place.line },
          severity === "error" ? `left out: ${message}` : message,
        );
    policies = parsed.flatMap((file) => file.policies);
    return policies;
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
