import {
  DropscopeError,
  EXIT,
  type FlowSelection,
  LOCAL_VIEWER,
  parseFilterWords,
  type Part,
} from "@dropscope/model";
import { createReader, type FlowReader } from "@dropscope/store";
import { createQuietLogger } from "../log.js";
import { createPrinter, type Printer } from "../observe/index.js";
import { fieldMask } from "../observe/mask.js";
import {
  OBSERVE_OPTIONS,
  type ObserveOptions,
  readOptions,
  type Selector,
} from "../observe/options.js";
import type { AddCommand, Invocation } from "../program.js";
import { re2 } from "../wire/re2.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { outputClosed, outputDrained } from "../wire/standard-output.js";
import { storeToRead } from "../wire/store.js";

const FOLLOW_MS = 500;

export const addObserve = (add: AddCommand): unknown =>
  add({
    name: "observe",
    summary: "print stored flows, with the flags and formats of `hubble observe`",
    description:
      "Prints stored flows, oldest first. Without a selector the last 20. Filters of one kind are alternatives, filters of different kinds must all hold, --not turns the next one round.",
    groups: ["store"],
    filters: true,
    arguments: "[flows]",
    options: OBSERVE_OPTIONS,
    examples: [
      ["dropscope observe --verdict DROPPED --since 1h", "what was dropped in the last hour"],
      ["dropscope observe --from-pod web/frontend --to-port 5432 -f", "follow one path"],
      [
        "dropscope observe --all -o jsonpb > flows.jsonl",
        "everything, for the real CLI's --input-file",
      ],
      ["dropscope observe --not --namespace kube-system --type drop", "drops outside kube-system"],
    ],
    run,
  });

async function run({ loaded, args, options: given, filterWords }: Invocation): Promise<void> {
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
  const printer = printerOf(options);
  if (options.printRawFilters) {
    process.stdout.write(rawFilters(selection));
    return;
  }
  const logger = createQuietLogger(
    options.silentErrors ? { ...config, "log-level": "silent" } : config,
  );
  const store = storeToRead(config, logger);
  const stopping = new AbortController();
  const part: Part = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(stopping.abort()),
  };
  await runUntilStopped(
    [
      { name: "store", part: store },
      { name: "observe", part },
    ],
    logger,
    {
      until() {
        const task = {
          reader: createReader(store.client),
          selection,
          selector,
          printer,
          signal: stopping.signal,
        };
        const work = (options.follow ? follow(task) : print(task)).catch((error: unknown) => {
          if (!stopping.signal.aborted) throw error;
        });
        return Promise.race([work, outputClosed()]);
      },
    },
  );
}

interface Task {
  reader: FlowReader;
  selection: FlowSelection;
  selector: Selector;
  printer: Printer;
  signal: AbortSignal;
}

async function print(
  task: Task,
  more: Partial<Parameters<FlowReader["observe"]>[0]> = {},
): Promise<void> {
  const { reader, selection, selector, printer, signal } = task;
  const query = { viewer: LOCAL_VIEWER, selection, ...selector, ...more };
  for await (const item of reader.observe(query, signal)) {
    printer.item(item);
    if (process.stdout.writableNeedDrain) await outputDrained();
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
  while (!signal.aborted) {
    const { batches, cursor: next } = await reader.tail(cursor, signal);
    if (batches.length > 0) await print({ ...task, selector: open }, { batches });
    cursor = next;
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

function printerOf(options: ObserveOptions): Printer {
  const color =
    options.color === "always" ||
    (options.color === "auto" && process.stdout.isTTY && !process.env["NO_COLOR"]);
  return createPrinter({
    output: options.output,
    color,
    timeFormat: options.timeFormat,
    nodeName: options.printNodeName,
    policyNames: options.printPolicyNames,
    numeric: options.numeric,
    ipTranslation: options.ipTranslation,
    useDefaultMasks: options.useDefaultFieldMasks,
    ...(options.fieldMask === undefined ? {} : { fieldMask: fieldMask(options.fieldMask) }),
    write: (text) => void process.stdout.write(text),
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
