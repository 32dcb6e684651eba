import { z } from "zod";
import { COMPLETION_KINDS, type FlowSelection, MAX_FILTER_WORDS } from "@dropscope/model";
import type { Limits } from "../config.js";
import { parseFilter } from "../query/filter.js";
import { Problem } from "../problem.js";
import { type Range, parseRange, rangeBefore } from "../query/range.js";
import { parseMoment } from "../query/time.js";

const time = z.string().min(1).max(64);

/** `from` and `to` are what the page calls them; one name of each pair is enough. */
export const RANGE = {
  since: time
    .optional()
    .describe("RFC 3339 time, ms since 1970, or an age such as `15m`; 15 minutes when absent"),
  until: time.optional().describe("the same forms; now when absent"),
  from: time.optional().describe("other name of `since`"),
  to: time.optional().describe("other name of `until`"),
  at: time
    .optional()
    .describe("as of a moment, in place of a range: what was then and shortly before it"),
};

/** What is too long for a filter is for its parser to say; this is too long for anything. */
export const MAX_FILTER = MAX_FILTER_WORDS;

const FILTER = {
  filter: z
    .string()
    .max(MAX_FILTER)
    .optional()
    .describe("flags of `dropscope observe`, such as `--verdict DROPPED --to-port 53`"),
};

const STEP = {
  step: z
    .string()
    .max(20)
    .optional()
    .describe("bucket width, `10s` or ms, whole seconds; chosen by the range when absent"),
};

export const RangeInput = z.strictObject(RANGE);
export const QueryInput = z.strictObject({ ...RANGE, ...FILTER });
export const TimelineInput = z.strictObject({ ...RANGE, ...FILTER, ...STEP });

export const wholeNumber = (max: number) =>
  z.coerce
    .number<string>("must be a number")
    .int("must be a whole number")
    .min(1, "must be 1 or more")
    .max(max, `must be ${max} at most`);

export const FlowsInput = z.strictObject({
  ...RANGE,
  ...FILTER,
  limit: wholeNumber(1_000).optional().describe("rows of a page; 200 when absent"),
  cursor: z.string().max(1_024).optional().describe("`next` of the page before"),
});

export const EdgesInput = z.strictObject({
  ...RANGE,
  ...FILTER,
  limit: wholeNumber(1_000).optional().describe("edges; 100 when absent"),
});

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const FlowInput = z.strictObject({
  uuid: z.string().regex(UUID, "must be the uuid of a flow").describe("uuid of the flow"),
});

export const CompleteInput = z.strictObject({
  what: z.enum(COMPLETION_KINDS).describe("kind of value"),
  prefix: z.string().max(253).optional().describe("how the value begins, or a part of it"),
});

export const NoInput = z.strictObject({});

/**
 * The moment as of which is asked, ms since 1970; undefined where a range is asked for, or now.
 * @throws Problem 400 `BAD_TIME`, 400 `MOMENT_IN_FUTURE`, 400 `BAD_RANGE`
 */
export function asOf(input: z.output<typeof RangeInput>, now: number): number | undefined {
  if (input.at === undefined) return undefined;
  if ([input.since, input.until, input.from, input.to].some((one) => one !== undefined))
    throw new Problem(
      400,
      "BAD_RANGE",
      "A moment and a range exclude one another.",
      "Give either `at`, or `since` and `until`.",
    );
  return parseMoment("at", input.at, now);
}

/** What was asked, ready for the reader. */
export function questionOf(
  input: z.output<typeof QueryInput>,
  now: number,
  limits: Limits,
): { range: Range; selection: FlowSelection } {
  return { range: rangeOf(input, now, limits), selection: parseFilter(input.filter ?? "") };
}

/** As of a moment, it is so much before it, ms. */
const MOMENT_SPAN_MS = 15 * 60_000;

export function rangeOf(
  input: z.output<typeof RangeInput>,
  now: number,
  limits: Limits,
  momentSpanMs = MOMENT_SPAN_MS,
): Range {
  const at = asOf(input, now);
  if (at !== undefined) return rangeBefore(at, momentSpanMs);
  const asked = { since: input.since ?? input.from, until: input.until ?? input.to };
  return parseRange(asked, now, limits);
}
