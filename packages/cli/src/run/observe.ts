import {
  DropscopeError,
  EXIT,
  type FlowSelection,
  LOCAL_VIEWER,
  needsStory,
  parseFilterWords,
  type Part,
  systemClock,
} from "@dropscope/model";
import {
  createExporter,
  createProblemReader,
  createReader,
  createSavedViews,
  EXPORT_LIMITS,
  type FlowReader,
  type LandedBatch,
  type ProblemReader,
} from "@dropscope/store";
import { createQuietLogger } from "../log.js";
import { exportFlows, refuseBinary } from "../observe/export-file.js";
import { createPrinter, type Output, type Printer } from "../observe/index.js";
import { fieldMask } from "../observe/mask.js";
import {
  isExport,
  type ObserveOptions,
  readOptions,
  type Selector,
  selectorOf,
} from "../observe/options.js";
import { fileOutput, type OutputTarget, standardOutput } from "../observe/output-target.js";
import { savedView, withView } from "../observe/saved-view.js";
import type { Invocation } from "../program.js";
import { re2 } from "@dropscope/hubble/re2";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed } from "../wire/standard-output.js";
import { storeToRead } from "../wire/store.js";

const FOLLOW_MS = 500;

/** Runs `dropscope observe`. */
export async function run({
  loaded,
  args,
  options: given,
  filterWords,
  outcome,
}: Invocation): Promise<void> {
  const { config } = loaded;
  const selection = parseFilterWords(filterWords, { regex: re2 });
  const { options, selector } = readOptions(given, Date.now());
  // `hubble observe flows` is the long form; its other sub-commands read what is never stored.
  const [what = "flows"] = args;
  if (what !== "flows")
    throw new DropscopeError("USAGE", `observe has no ${JSON.stringify(what)}: flows are stored.`, {
      next: "Filters are flags: dropscope observe --pod NAMESPACE/POD.",
      exitCode: EXIT.usage,
    });
  if (options.printRawFilters) {
    process.stdout.write(rawFilters(selection));
    return;
  }
  const { output, outputFile: file } = options;
  refuseBinary(output, file, process.stdout.isTTY);
  const logger = createQuietLogger(
    options.silentErrors ? { ...config, "log-level": "silent" } : config,
  );
  const store = storeToRead(config, logger);
  const stopping = new AbortController();
  let done: Promise<void> | undefined;
  let whole = false;
  const part: Part = {
    start: () => Promise.resolve(),
    async stop() {
      stopping.abort();
      // A file that is not whole is taken away before the process ends.
      if (file === undefined) return;
      await done?.catch(() => undefined);
      if (!whole) outcome.exitCode = EXIT.interrupted;
    },
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "observe", part },
    ],
    logger,
    {
      until() {
        const work = async (): Promise<void> => {
          const asked = { selection, selector };
          if (options.view !== undefined) {
            const views = createSavedViews(store.client);
            const view = await savedView(views, LOCAL_VIEWER.name, options.view);
            asked.selection = parseFilterWords(withView(view, filterWords), { regex: re2 });
            asked.selector = selectorOf(options, Date.now(), view);
          }
          const reader = createReader(store.client);
          const target = file === undefined ? standardOutput() : await fileOutput(file);
          const task = {
            reader,
            problems: createProblemReader(store.client),
            ...asked,
            target,
            quiet: options.silentErrors,
            signal: stopping.signal,
          };
          try {
            if (isExport(output))
              await exportFlows({
                ...task,
                exporter: createExporter(store.client, { limits: EXPORT_LIMITS }),
                format: output,
                name: file,
                said: process.stderr,
                clock: systemClock,
              });
            else {
              const printer = printerOf(options, output, target);
              await (options.follow ? follow({ ...task, printer }) : print({ ...task, printer }));
            }
            if (stopping.signal.aborted) return;
            await target.finish();
            whole = true;
          } finally {
            await target.discard();
          }
        };
        done = work().catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error;
        });
        return Promise.race([done, outputClosed()]);
      },
    },
  );
}

interface Task {
  reader: FlowReader;
  problems: ProblemReader;
  selection: FlowSelection;
  selector: Selector;
  printer: Printer;
  target: OutputTarget;
  /** No warnings. */
  quiet: boolean;
  signal: AbortSignal;
}

async function print(
  task: Task,
  more: Partial<Parameters<FlowReader["observe"]>[0]> = {},
): Promise<void> {
  const { reader, selection, selector, printer, target, signal } = task;
  const query = { viewer: LOCAL_VIEWER, selection, ...selector, ...more };
  for await (const item of reader.observe(query, signal)) {
    printer.item(item);
    if (target.full()) await target.drained();
    if (signal.aborted) return;
  }
  printer.close();
}

/** First what is asked for up to now, then what lands: the cursor is taken first, so nothing falls between. */
async function follow(task: Task): Promise<void> {
  const { reader, selector, signal } = task;
  let cursor = await reader.end(signal);
  // Like the real CLI: without --last or --since, only what is new.
  if (selector.last !== undefined || selector.since !== undefined)
    await print(task, { asOf: cursor });
  const { last: _, ...open } = selector;
  const explained = needsStory(task.selection) ? createWaiting(task) : undefined;
  while (!signal.aborted) {
    const { batches: landed, cursor: next } = await reader.tail(cursor, signal);
    const batches = explained === undefined ? landed : await explained(landed);
    if (batches.length > 0) await print({ ...task, selector: open }, { batches });
    cursor = next;
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

/** Without a word from the correlator for so long, somebody should know why nothing comes. */
const SILENCE_MS = 30_000;

/**
 * Holds batches back until the correlator has done them: before that nobody knows which problem
 * or policy their flows belong to.
 */
function createWaiting({
  problems,
  quiet,
  signal,
}: Task): (landed: readonly LandedBatch[]) => Promise<readonly LandedBatch[]> {
  let held: readonly LandedBatch[] = [];
  let told = quiet;
  return async (landed) => {
    held = [...held, ...landed];
    if (held.length === 0) return [];
    const until = await problems.correlatedUntil(signal);
    const ready = held.filter((batch) => batch.storedAt <= until);
    held = held.filter((batch) => batch.storedAt > until);
    const oldest = held[0];
    if (!told && oldest !== undefined && Date.now() - oldest.storedAt > SILENCE_MS) {
      told = true;
      process.stderr.write(
        "dropscope: flows have landed that nothing explains yet; they are printed once `dropscope up` or `dropscope correlate` has done them.\n",
      );
    }
    return ready;
  };
}

function printerOf(options: ObserveOptions, output: Output, target: OutputTarget): Printer {
  const color =
    options.color === "always" ||
    (options.color === "auto" &&
      options.outputFile === undefined &&
      process.stdout.isTTY &&
      !process.env["NO_COLOR"]);
  return createPrinter({
    output,
    color,
    timeFormat: options.timeFormat,
    nodeName: options.printNodeName,
    policyNames: options.printPolicyNames,
    numeric: options.numeric,
    ipTranslation: options.ipTranslation,
    useDefaultMasks: options.useDefaultFieldMasks,
    ...(options.fieldMask === undefined ? {} : { fieldMask: fieldMask(options.fieldMask) }),
    write: (text) => target.write(text),
  });
}

/** Filters as `hubble observe --print-raw-filters` prints them: YAML with JSON in it. */
function rawFilters({ allow, deny }: FlowSelection): string {
  const lists = { allowlist: allow, denylist: deny };
  return Object.entries(lists)
    .filter(([, filters]) => filters.length > 0)
    .map(
      ([name, filters]) =>
        `${name}:\n${filters.map((filter) => `    - '${JSON.stringify(filter).replaceAll("'", "''")}'\n`).join("")}`,
    )
    .join("");
}
