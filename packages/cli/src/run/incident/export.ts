import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DropscopeError, EXIT, parseFilterWords, type Part } from "@dropscope/model";
import { re2 } from "@dropscope/hubble/re2";
import { createCorrelatorStore, type StoreClient } from "@dropscope/store";
import { z } from "zod";
import type { LoadedConfig } from "../../config/load.js";
import { bytesText, countText } from "../../import/units.js";
import { exportIncident } from "../../incident/export/export.js";
import { incidentRange, type IncidentRange } from "../../incident/export/range.js";
import { fileTime, msOf } from "../../incident/export/times.js";
import type { Manifest } from "../../incident/format.js";
import { flowProgress } from "../../incident/progress.js";
import { createRedactor } from "../../incident/redact/redactor.js";
import { createQuietLogger } from "../../log.js";
import type { Invocation } from "../../program.js";
import { version } from "../../version.js";
import { runUntilStopped } from "../../wire/run-until-stopped.js";
import { storeToRead } from "../../wire/store.js";

const Given = z.object({
  since: z.string().optional(),
  until: z.string().optional(),
  output: z.string().optional(),
  redact: z.literal("names").optional(),
  redactKeyFile: z.string().optional(),
  dropL7: z.boolean().default(false),
});

/** Runs `dropscope incident export`. */
export async function run({ loaded, options, filterWords, outcome }: Invocation): Promise<void> {
  const given = Given.parse(options);
  const selection = parseFilterWords(filterWords, { regex: re2 });
  const range = incidentRange(
    {
      ...(given.since === undefined ? {} : { since: given.since }),
      ...(given.until === undefined ? {} : { until: given.until }),
    },
    Date.now(),
  );
  const path = targetOf(given.output, range);
  const key = keyOf(given);
  const redactor = createRedactor({
    names: given.redact === "names",
    dropL7: given.dropL7,
    ...(key === undefined ? {} : { key }),
  });
  const logger = createQuietLogger(loaded.config);
  const store = storeToRead(loaded.config, logger);
  const stopping = new AbortController();
  let isDone = false;
  let work: Promise<void> | undefined;
  const part: Part = {
    start: () => Promise.resolve(),
    async stop() {
      stopping.abort(new Error("the export was stopped"));
      await work?.catch(() => undefined);
    },
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "export", part },
    ],
    logger,
    { until: () => (work = bring()) },
  );
  if (!isDone) outcome.exitCode = EXIT.interrupted;

  async function bring(): Promise<void> {
    const progress = flowProgress("written", process.stderr);
    try {
      await warnIfBehind(store.client, range, stopping.signal);
      const manifest = await exportIncident({
        client: store.client,
        path,
        range,
        selection,
        filters: filterWords,
        cluster: await clusterOf(loaded, store.client, stopping.signal),
        redactor,
        version,
        signal: stopping.signal,
        onFlows: (done, total) => progress.update(done, total),
      });
      isDone = true;
      progress.close();
      process.stdout.write(report(path, manifest));
    } catch (error) {
      if (!stopping.signal.aborted) throw writeError(path, error);
    } finally {
      progress.close();
    }
  }
}

/** @throws DropscopeError `INCIDENT_OUTPUT` for a place where no file can be */
function targetOf(output: string | undefined, { since, until }: IncidentRange): string {
  const name = `incident-${fileTime(msOf(since))}-${fileTime(msOf(until))}.zip`;
  const path = resolve(output ?? name);
  const folder = dirname(path);
  if (existsSync(path) && !statSync(path).isFile()) throw badOutput(`${path} is not a file.`);
  if (!existsSync(folder)) throw badOutput(`The folder ${folder} does not exist.`);
  return path;
}

function badOutput(message: string): DropscopeError {
  return new DropscopeError("INCIDENT_OUTPUT", message, {
    next: "Give -o the path of a file in a folder that exists.",
    exitCode: EXIT.usage,
  });
}

function writeError(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EACCES" && code !== "EROFS" && code !== "EDQUOT") return error;
  return new DropscopeError("INCIDENT_OUTPUT", `${path} cannot be written (${code}).`, {
    next: "Free space, or give -o a place that may be written.",
    exitCode: EXIT.ioError,
    cause: error,
  });
}

const LEAST_KEY = 16;

/** @throws DropscopeError `INCIDENT_KEY` */
function keyOf({ redact, redactKeyFile }: z.output<typeof Given>): string | undefined {
  if (redactKeyFile === undefined) return undefined;
  const wrong = (message: string): DropscopeError =>
    new DropscopeError("INCIDENT_KEY", message, {
      next: "Make one with: openssl rand -hex 32 > incident.key",
      exitCode: EXIT.usage,
    });
  if (redact === undefined) throw wrong("--redact-key-file needs --redact names.");
  let key: string;
  try {
    key = readFileSync(redactKeyFile, "utf8").trim();
  } catch {
    throw wrong(`${redactKeyFile} cannot be read.`);
  }
  if (key.length < LEAST_KEY)
    throw wrong(
      `The key in ${redactKeyFile} is shorter than ${LEAST_KEY} characters: names could be guessed.`,
    );
  return key;
}

/** Selectors are limited to the own cluster; the flows tell its name unless somebody gave it. */
async function clusterOf(
  { config, origins }: LoadedConfig,
  client: StoreClient,
  signal: AbortSignal,
): Promise<string> {
  if (origins["cluster-name"] !== "default") return config["cluster-name"];
  const told = await createCorrelatorStore(client).clusterName(signal);
  return told === undefined || told === "" ? config["cluster-name"] : told;
}

/** A bundle is made once: whoever makes it too early should know. */
async function warnIfBehind(
  client: StoreClient,
  { since, until }: IncidentRange,
  signal: AbortSignal,
): Promise<void> {
  const correlated = createCorrelatorStore(client);
  const cursor = await correlated.cursor(signal);
  const { batches } = await correlated.tail(cursor?.tail ?? { storedAt: "0", seen: [] }, signal);
  const open = batches.filter(
    ({ flows, minTimeNs, maxTimeNs }) => flows > 0 && minTimeNs <= until && maxTimeNs >= since,
  );
  const flows = open.reduce((sum, batch) => sum + batch.flows, 0);
  if (flows === 0) return;
  process.stderr.write(
    `dropscope: ${countText(flows)} flows of this time are not explained yet; export again when \`dropscope up\` or \`dropscope correlate\` has done them.\n`,
  );
}

function report(path: string, { counts, files, id }: Manifest): string {
  const bytes = statSync(path).size;
  const unpacked = files.reduce((sum, file) => sum + file.bytes, 0);
  const parts = [
    `${countText(counts.flows)} flows`,
    `${countText(counts.problems)} problems`,
    `${countText(counts.policies)} policy versions`,
    `${bytesText(bytes)} (${bytesText(unpacked)} unpacked)`,
  ];
  return `${path}: ${parts.join(", ")}\nid ${id.slice(0, 16)}; open it with: dropscope incident open ${path}\n`;
}
