import type {
  Coverage,
  Edge,
  FlowRow,
  FlowSelection,
  Gap,
  LiveSnapshot,
  Timeline,
  VerdictCount,
  Viewer,
} from "@dropscope/model";
import type { FlowReader, LandedBatch, TailCursor } from "@dropscope/store";
import { AHEAD_MS, createDropWindow, type DropWindow, windowAt } from "./window.js";

export const TABLE_ROWS = 200;
export const EDGE_ROWS = 100;
const NS_PER_MS = 1_000_000n;

/** Who looks at what: all sockets of a room share it. */
export interface View {
  viewer: Viewer;
  selection: FlowSelection;
}

/** What a room knows: the state that a snapshot is made of, and that frames move on. */
export interface Picture {
  drops: DropWindow;
  verdicts: Map<string, number>;
  edges: Edge[];
  gaps: Gap[];
  /** Newest first. */
  flows: FlowRow[];
}

/** The span of a room's questions, ns, both ends inclusive. */
export function spanAt(now: number): { since: bigint; until: bigint } {
  const { from, to } = windowAt(now);
  return { since: BigInt(from) * NS_PER_MS, until: BigInt(to + AHEAD_MS) * NS_PER_MS - 1n };
}

function nsOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) * NS_PER_MS;
}

/**
 * The first picture: everything up to `asOf`, and nothing that a tail from `asOf`
 * will bring. That bound is what keeps a batch from being counted twice, or never,
 * when it lands while these questions are being answered.
 */
export async function buildPicture(
  reader: FlowReader,
  view: View,
  asOf: TailCursor,
  now: number,
  signal: AbortSignal,
): Promise<Picture> {
  const query = { ...view, ...spanAt(now), asOf };
  const [drops, verdicts, edges, page] = await Promise.all([
    reader.drops({ ...query, stepMs: 1_000 }, signal),
    reader.verdicts(query, signal),
    reader.edges({ ...query, limit: EDGE_ROWS, rateAt: nsOf(now) }, signal),
    reader.page({ ...query, limit: TABLE_ROWS }, signal),
  ]);
  return {
    drops: createDropWindow(drops),
    verdicts: new Map(verdicts.map(({ verdict, count }) => [verdict, count])),
    edges,
    gaps: drops.gaps,
    flows: page.rows,
  };
}

/** Drops of the given seconds, all batches up to `asOf` together. */
export async function readTotals(
  reader: FlowReader,
  view: View,
  asOf: TailCursor,
  seconds: readonly number[],
  signal: AbortSignal,
): Promise<Timeline> {
  const since = BigInt(Math.min(...seconds)) * NS_PER_MS;
  const until = BigInt(Math.max(...seconds) + 1_000) * NS_PER_MS - 1n;
  return reader.drops({ ...view, since, until, stepMs: 1_000, asOf }, signal);
}

/** What is read anew now and then, because it cannot be moved on by adding. */
export interface Refresh {
  verdicts: VerdictCount[];
  edges: Edge[];
  gaps: Gap[];
}

export async function readRefresh(
  reader: FlowReader,
  view: View,
  asOf: TailCursor,
  now: number,
  signal: AbortSignal,
): Promise<Refresh> {
  const query = { ...view, ...spanAt(now), asOf };
  const [verdicts, edges, gaps] = await Promise.all([
    reader.verdicts(query, signal),
    reader.edges({ ...query, limit: EDGE_ROWS, rateAt: nsOf(now) }, signal),
    reader.gaps({ since: query.since }, signal),
  ]);
  return { verdicts, edges, gaps };
}

/** Newest first by the time of the event; equal times keep the later arrival first. */
export function newestRows(arrived: readonly FlowRow[], had: readonly FlowRow[]): FlowRow[] {
  return [...arrived, ...had].sort(byTimeDescending).slice(0, TABLE_ROWS);
}

function byTimeDescending(a: FlowRow, b: FlowRow): number {
  // Decimal strings of ns: the longer one is later.
  if (a.timeNs.length !== b.timeNs.length) return b.timeNs.length - a.timeNs.length;
  return a.timeNs < b.timeNs ? 1 : a.timeNs > b.timeNs ? -1 : 0;
}

/** Whether all flows of the batches lie in the window, so that their counts may be added to it. */
export function insideWindow(batches: readonly LandedBatch[], now: number): boolean {
  const { since, until } = spanAt(now);
  return batches.every(
    (batch) => batch.flows === 0 || (batch.minTimeNs >= since && batch.maxTimeNs <= until),
  );
}

export function verdictList(verdicts: ReadonlyMap<string, number>): VerdictCount[] {
  return [...verdicts]
    .map(([verdict, count]) => ({ verdict, count }))
    .sort((a, b) => b.count - a.count || (a.verdict < b.verdict ? -1 : 1));
}

export function snapshotOf(picture: Picture, coverage: Coverage, now: number): LiveSnapshot {
  return {
    at: now,
    coverage,
    drops: picture.drops.timeline(now, picture.gaps),
    verdicts: verdictList(picture.verdicts),
    edges: picture.edges,
    flows: picture.flows,
  };
}
