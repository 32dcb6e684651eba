import { EXPORT_FORMATS, type ExportFormat } from "@dropscope/store/names";
import { DropscopeError, EXIT } from "@dropscope/model";
import { z } from "zod";
import { parseMoment } from "../wire/parse-time.js";
import { fieldMask } from "./mask.js";
import type { Output } from "./outputs.js";
import type { TimeFormat } from "./time-format.js";

/** What the real CLI prints when nothing says how many. */
const DEFAULT_LAST = 20;

/** Flags of the real CLI that stored flows have another way for. */
const ELSEWHERE = {
  inputFile: [
    "--input-file: observe reads the stored history.",
    "Bring the file in first: dropscope import FILE.",
  ],
  allowlist: ["--allowlist takes filters as JSON, which is not supported.", "Say it in flags."],
  denylist: ["--denylist takes filters as JSON, which is not supported.", "Say it with --not."],
} as const;

const flag = z.boolean().default(false);
const truth = z.enum(["true", "false"]).transform((text) => text === "true");

const Given = z.object({
  all: flag,
  first: z.number().optional(),
  last: z.number().optional(),
  since: z.string().optional(),
  until: z.string().optional(),
  follow: flag,
  view: z.string().optional(),
  output: z
    .string()
    .transform((text) => (text === "tab" ? "table" : text.toLowerCase()) as Output | ExportFormat),
  outputFile: z.string().optional(),
  timeFormat: z.custom<TimeFormat>(),
  printNodeName: flag,
  printPolicyNames: flag,
  numeric: flag,
  ipTranslation: truth,
  color: z.enum(["auto", "always", "never"]),
  useDefaultFieldMasks: truth,
  fieldMask: z.string().optional(),
  printRawFilters: flag,
  silentErrors: flag,
});

export type ObserveOptions = z.output<typeof Given>;

/** Which part of the history is asked for. */
export interface Selector {
  since?: bigint;
  until?: bigint;
  first?: number;
  last?: number;
}

/** @throws DropscopeError `OBSERVE_SELECTORS`, `OBSERVE_FLAG`, `OBSERVE_MASK`, `BAD_TIME` (exit 2) */
export function readOptions(
  given: Readonly<Record<string, unknown>>,
  now: number,
): { options: ObserveOptions; selector: Selector } {
  for (const [name, [message, next]] of Object.entries(ELSEWHERE))
    if (given[name] !== undefined) throw usage("OBSERVE_FLAG", message, next);
  const options = Given.parse(given);
  if (options.output === "table" && options.follow)
    throw usage(
      "OBSERVE_SELECTORS",
      "A table cannot be followed: its columns need all lines.",
      "Use -o compact with --follow.",
    );
  if (isExport(options.output) && options.follow)
    throw usage(
      "OBSERVE_SELECTORS",
      `A ${options.output} file cannot be followed: it would have no end.`,
      "Leave --follow out, or use -o json with it.",
    );
  if (options.outputFile !== undefined && options.follow)
    throw usage(
      "OBSERVE_SELECTORS",
      "--output-file cannot be combined with --follow: the file would never be whole.",
      "Redirect the output instead.",
    );
  if (options.fieldMask !== undefined && !options.output.startsWith("json"))
    throw usage("OBSERVE_MASK", "--field-mask is for JSON only.", "Add -o jsonpb.");
  // A mask that cannot be read is told before a store is opened for it.
  if (options.fieldMask !== undefined) fieldMask(options.fieldMask);
  return { options, selector: selectorOf(options, now) };
}

/**
 * @param view its range counts where the line names none
 * @throws DropscopeError `OBSERVE_SELECTORS`, `BAD_TIME` (exit 2)
 */
export function selectorOf(
  given: ObserveOptions,
  now: number,
  view?: { readonly since: string; readonly until: string },
): Selector {
  const options = view === undefined ? given : { ...given, ...rangeOf(view, given) };
  const { all, first, last, follow } = options;
  const chosen = Object.entries({ all, first, last, follow: follow && first !== undefined })
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => `--${name}`);
  if (chosen.length > 1)
    throw usage(
      "OBSERVE_SELECTORS",
      `${chosen.join(" and ")} cannot be combined.`,
      "Keep one of them.",
    );
  const since =
    options.since === undefined ? undefined : parseMoment(options.since, "--since", now);
  // As in the real CLI, following has no end.
  const until =
    options.until === undefined || follow ? undefined : parseMoment(options.until, "--until", now);
  if (since !== undefined && until !== undefined && since > until)
    throw usage("BAD_TIME", "--since is later than --until.", "Exchange them.");
  const bounded =
    all || follow || first !== undefined || since !== undefined || until !== undefined;
  const newest = last ?? (bounded ? undefined : DEFAULT_LAST);
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(first === undefined ? {} : { first }),
    ...(newest === undefined ? {} : { last: newest }),
  };
}

function rangeOf(
  { since, until }: { readonly since: string; readonly until: string },
  { all, since: givenSince, until: givenUntil }: ObserveOptions,
): { since?: string; until?: string } {
  if (all || givenSince !== undefined || givenUntil !== undefined) return {};
  return { ...(since === "" ? {} : { since }), ...(until === "" ? {} : { until }) };
}

/** Whether the output is a file of rows and columns, and not lines of the real CLI. */
export function isExport(output: Output | ExportFormat): output is ExportFormat {
  return (EXPORT_FORMATS as readonly string[]).includes(output);
}

function usage(code: string, message: string, next: string): DropscopeError {
  return new DropscopeError(code, message, { next, exitCode: EXIT.usage });
}
