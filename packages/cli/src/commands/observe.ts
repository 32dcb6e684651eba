import { parseFilterWords, DropscopeError, EXIT, LOCAL_VIEWER } from "@dropscope/model";
import { createReader, type FlowQuery, type FlowReader } from "@dropscope/store";
import { InvalidArgumentError, Option } from "commander";
import { createLogger } from "../log.js";
import {
  createPrinter,
  OUTPUTS,
  type Output,
  type Printer,
  TIME_FORMATS,
  type TimeFormat,
  timeFormatOf,
} from "../observe/index.js";
import type { AddCommand, Invocation } from "../program.js";
import { parseMoment } from "../wire/parse-time.js";
import { runUntilStopped } from "../wire/run-until-stopped.js";
import { wireStore } from "../wire/store.js";
import { re2 } from "../wire/re2.js";

/** What the real CLI prints when nothing says how many. */
const DEFAULT_LAST = 20;
const FOLLOW_MS = 500;

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError("Expected a positive whole number.");
  return number;
};

export const addObserve = (add: AddCommand): unknown =>
  add({
    name: "observe",
    summary: "print stored flows, with the flags and formats of `hubble observe`",
    description:
      "Prints stored flows, oldest first. Without a selector the last 20. Filters of one kind are alternatives, filters of different kinds must all hold, --not turns the next one round.",
    groups: ["store"],
    filters: true,
    options: [
      new Option("--all", "all stored flows"),
      new Option("--first <N>", "the oldest N").argParser(count),
      new Option("--last <N>", "the newest N").argParser(count),
      new Option("--since <TIME>", "from this moment on: 5m, 2h, or RFC 3339"),
      new Option("--until <TIME>", "up to this moment"),
      new Option("-f, --follow", "go on with what lands"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices([...OUTPUTS, "tab", "JSON"])
        .default("compact"),
      new Option("--time-format <FORMAT>", "how times are printed")
        .choices([...TIME_FORMATS])
        .default("StampMilli"),
      new Option("--print-node-name", "print the node"),
      new Option("--print-policy-names", "print the policies that allowed or denied"),
      new Option("--numeric", "addresses only"),
      new Option("--ip-translation <BOOL>", "names instead of addresses").default("true"),
      new Option("--color <WHEN>", "colours in compact and dict")
        .choices(["auto", "always", "never"])
        .default("auto"),
      new Option(
        "--use-default-masks <BOOL>",
        "print what the real CLI's field mask leaves; false prints policy match and direction too",
      ).default("true"),
    ],
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

async function run({ loaded, options, filterWords }: Invocation): Promise<void> {
  const { config } = loaded;
  const selection = parseFilterWords(filterWords, { regex: re2 });
  const range = selectorOf(options, Date.now());
  const output = (
    options["output"] === "tab" ? "table" : String(options["output"]).toLowerCase()
  ) as Output;
  if (output === "table" && options["follow"])
    throw usage(
      "OBSERVE_TABLE_FOLLOW",
      "A table cannot be followed: its columns need all lines.",
      "Use -o compact with --follow.",
    );
  const logger = createLogger({
    ...config,
    "log-level": config["log-level"] === "info" ? "warn" : config["log-level"],
  });
  const store = wireStore(config, logger, { share: true, requireStore: true });
  const printer = createPrinter({
    output,
    color: colored(String(options["color"])),
    ...timeFormat(String(options["timeFormat"])),
    nodeName: options["printNodeName"] === true,
    policyNames: options["printPolicyNames"] === true,
    numeric: options["numeric"] === true,
    ipTranslation: options["ipTranslation"] !== "false",
    useDefaultMasks: options["useDefaultMasks"] !== "false",
    write: (text) => void process.stdout.write(text),
  });
  const stopping = new AbortController();
  await runUntilStopped(
    [
      { name: "store", part: store },
      {
        name: "observe",
        part: { start: () => Promise.resolve(), stop: () => Promise.resolve(stopping.abort()) },
      },
    ],
    logger,
    {
      until: () => {
        const reader = createReader(store.client);
        const query = { viewer: LOCAL_VIEWER, selection, ...range };
        return options["follow"] === true
          ? follow(reader, query, printer, stopping.signal)
          : print(reader, query, printer, stopping.signal);
      },
    },
  );
}

type Selected = FlowQuery & { first?: number; last?: number };

async function print(
  reader: FlowReader,
  query: Selected,
  printer: Printer,
  signal: AbortSignal,
): Promise<void> {
  for await (const item of reader.observe(query, signal)) {
    printer.item(item);
    if (process.stdout.writableNeedDrain) await drained();
  }
  printer.close();
}

/** First what is asked for up to now, then what lands: the cursor is taken first, so nothing falls between. */
async function follow(
  reader: FlowReader,
  query: Selected,
  printer: Printer,
  signal: AbortSignal,
): Promise<void> {
  let cursor = await reader.end(signal);
  // Like the real CLI: without --last or --since, only what is new.
  if (query.last !== undefined || query.since !== undefined)
    await print(reader, { ...query, asOf: cursor }, printer, signal);
  while (!signal.aborted) {
    const landed = await reader.tail(cursor, signal);
    const { viewer, selection, since } = query;
    if (landed.batches.length > 0)
      await print(
        reader,
        {
          viewer,
          selection,
          ...(since === undefined ? {} : { since }),
          batches: landed.batches,
        } as Selected,
        printer,
        signal,
      );
    cursor = landed.cursor;
    await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
  }
}

function selectorOf(
  options: Readonly<Record<string, unknown>>,
  now: number,
): Omit<Selected, "viewer" | "selection"> {
  const first = options["first"] as number | undefined;
  const last = options["last"] as number | undefined;
  const all = options["all"] === true;
  const chosen = [first && "--first", last && "--last", all && "--all"].filter(Boolean);
  if (chosen.length > 1)
    throw usage(
      "OBSERVE_SELECTORS",
      `${chosen.join(" and ")} cannot be combined.`,
      "Keep one of them.",
    );
  if (first && options["follow"])
    throw usage(
      "OBSERVE_SELECTORS",
      "--first and --follow cannot be combined.",
      "Use --last or --since with --follow.",
    );
  const since =
    options["since"] === undefined
      ? undefined
      : parseMoment(String(options["since"]), "--since", now);
  const until =
    options["until"] === undefined || options["follow"]
      ? undefined
      : parseMoment(String(options["until"]), "--until", now);
  if (since !== undefined && until !== undefined && since > until)
    throw usage("BAD_TIME", "--since is later than --until.", "Exchange them.");
  const open = all || first !== undefined || since !== undefined || until !== undefined;
  const newest = last ?? (open ? undefined : options["follow"] ? undefined : DEFAULT_LAST);
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(first === undefined ? {} : { first }),
    ...(newest === undefined ? {} : { last: newest }),
  };
}

function usage(code: string, message: string, next: string): DropscopeError {
  return new DropscopeError(code, message, { next, exitCode: EXIT.usage });
}

function colored(when: string): boolean {
  return when === "always" || (when === "auto" && process.stdout.isTTY && !process.env["NO_COLOR"]);
}

const drained = (): Promise<void> =>
  new Promise((resolve) => process.stdout.once("drain", resolve));

function timeFormat(name: string): { timeFormat?: TimeFormat } {
  const found = timeFormatOf(name);
  return found === undefined ? {} : { timeFormat: found };
}
