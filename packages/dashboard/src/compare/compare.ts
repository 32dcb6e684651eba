import {
  type CompareAnswer,
  type CompareSide,
  type CountChange,
  DROP_REASONS,
  enumName,
  type FlowSelection,
  type Gap,
  type Timeline,
  VERDICTS,
  type Viewer,
} from "@dropscope/model";
import { fitsEdges, fitsRollup, type FlowReader, type VerdictChange } from "@dropscope/store";
import type { Limits } from "../config.js";
import type { Knowledge } from "../knowledge.js";
import { Problem } from "../problem.js";
import { alignRange, parseStep, type Range, refuseRaw, spanMs } from "../query/range.js";
import { changesWithin } from "./changes.js";
import type { ComparedRanges } from "./ranges.js";

export interface CompareDeps {
  readonly knowledge: Pick<Knowledge, "compare" | "objects">;
  readonly reader: FlowReader;
  readonly limits: Pick<Limits, "rawSpanMs">;
  readonly signal: AbortSignal;
}

export interface CompareQuestion extends ComparedRanges {
  readonly viewer: Viewer;
  readonly selection: FlowSelection;
  /** Edges of each kind of change. */
  readonly limit: number;
}

const MINUTE_MS = 60_000;
const NS_PER_MS = 1_000_000n;
const DROPPED = 2;

/**
 * What is different in the later range, how far both can be trusted, and what changed in between.
 * @throws Problem 422 `RANGE_TOO_WIDE`, 422 `BEFORE_RETENTION`
 */
export async function compareRanges(
  question: CompareQuestion,
  { knowledge, reader, limits, signal }: CompareDeps,
): Promise<Omit<CompareAnswer, "coverage">> {
  const { before, after, viewer, selection } = question;
  const counted = fitsEdges(question);
  if (!counted) for (const range of [before, after]) refuseRaw(range, limits);
  const { flows, counts } = await knowledge.compare.since(signal);
  const since = counted ? earlier(flows, counts) : flows;
  for (const range of [before, after]) refuseForgotten(range, since);
  const hull = hullOf(before, after);
  const [edges, verdicts, gapsBefore, gapsAfter, timeline, changes] = await Promise.all([
    knowledge.compare.edges(question, signal),
    knowledge.compare.verdicts(question, signal),
    reader.gaps(before, signal),
    reader.gaps(after, signal),
    timelineOf(question, hull, reader, limits, signal),
    changesWithin(knowledge.objects, viewer, msOf(hull), signal),
  ]);
  return {
    before: sideOf(before, "before", verdicts, gapsBefore, since),
    after: sideOf(after, "after", verdicts, gapsAfter, since),
    ...edges,
    reasons: countsBy(
      verdicts.filter(({ verdict }) => verdict === DROPPED),
      ({ reason }) => String(enumName(DROP_REASONS, reason)),
    ),
    verdicts: countsBy(verdicts, ({ verdict }) => String(enumName(VERDICTS, verdict))),
    changes: changes.changes,
    moreChanges: changes.more,
    timeline,
  };

  async function timelineOf(
    query: Pick<CompareQuestion, "viewer" | "selection">,
    range: Range,
    from: FlowReader,
    most: Pick<Limits, "rawSpanMs">,
    stop: AbortSignal,
  ): Promise<Timeline | null> {
    if (spanMs(range) > most.rawSpanMs && !fitsRollup(query)) return null;
    // By whole minutes, which are counted already.
    const stepMs = Math.max(MINUTE_MS, parseStep(undefined, range));
    // A range that ends on a whole step does not reach into the next one.
    const whole = alignRange({ since: range.since, until: range.until - 1n }, stepMs);
    return from.drops({ viewer, selection, ...whole, stepMs }, stop);
  }
}

function refuseForgotten(range: Range, since: bigint | undefined): void {
  if (since !== undefined && range.until >= since) return;
  const stored =
    since === undefined
      ? "Nothing is stored yet."
      : `What is stored begins at ${timeText(since)}, after the range that ends at ${timeText(range.until)}.`;
  throw new Problem(
    422,
    "BEFORE_RETENTION",
    stored,
    "Choose later ranges, or keep flows for longer: compared with nothing, everything would look new.",
  );
}

function sideOf(
  range: Range,
  side: "before" | "after",
  verdicts: readonly VerdictChange[],
  gaps: readonly Gap[],
  since: bigint | undefined,
): CompareSide {
  const sum = (some: readonly VerdictChange[]): number =>
    some.reduce((total, one) => total + one[side], 0);
  const { since: from, until: to } = msOf(range);
  return {
    from,
    to,
    flows: sum(verdicts),
    dropped: sum(verdicts.filter(({ verdict }) => verdict === DROPPED)),
    gaps,
    storedSince: since !== undefined && since > range.since ? Number(since / NS_PER_MS) : null,
  };
}

function countsBy(
  verdicts: readonly VerdictChange[],
  keyOf: (one: VerdictChange) => string,
): CountChange[] {
  const found = new Map<string, { before: number; after: number }>();
  for (const one of verdicts) {
    const counts = found.get(keyOf(one)) ?? { before: 0, after: 0 };
    counts.before += one.before;
    counts.after += one.after;
    found.set(keyOf(one), counts);
  }
  return [...found]
    .map(([key, { before, after }]) => ({ key, before, after }))
    .toSorted((a, b) => b.after + b.before - a.after - a.before || (a.key < b.key ? -1 : 1));
}

/** From the beginning of the earlier to the end of the later one. */
function hullOf(a: Range, b: Range): Range {
  return {
    since: a.since < b.since ? a.since : b.since,
    until: a.until > b.until ? a.until : b.until,
  };
}

function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** The end is the first moment that does not belong to it any more. */
function msOf({ since, until }: Range): { since: number; until: number } {
  return { since: Number(since / NS_PER_MS), until: Math.ceil(Number(until) / 1e6) };
}

function timeText(ns: bigint): string {
  return `${new Date(Number(ns / NS_PER_MS)).toISOString().slice(0, 19)}Z`;
}
