import {
  compileSelection,
  cutFlow,
  dropReasonText,
  type Edge,
  type Flow,
  flowRow,
  type FlowRow,
  type FlowSelection,
  type FlowStory,
  type Gap,
  type Timeline,
  type VerdictCount,
} from "@dropscope/model";
import type { FlowQuery, FlowReader, LandedBatch, TailCursor, TailStep } from "@dropscope/store";
import { RE2JS } from "re2js";

/** A flow with the ns of its time. */
export interface LandedFlow {
  flow: Flow;
  timeNs: bigint;
}

/** A store in memory with the promises of the real one, and switches for its faults. */
export interface MemoryReader extends FlowReader {
  /** Flows as a batch: written and committed. */
  land(flows: readonly Flow[]): LandedBatch;
  /** Written, but without the commit mark: history sees it, a tail does not. */
  write(flows: readonly Flow[]): LandedBatch;
  commit(batch: LandedBatch): void;
  addGap(gap: Gap): void;
  /** What the correlator has written, by the uuid of the flow. */
  readonly stories: Map<string, FlowStory>;
  /** Every call throws this while it is set. */
  fault: Error | undefined;
  /** Runs before each call reads, with the call's name; may wait. */
  before: ((call: string, signal: AbortSignal | undefined) => void | Promise<void>) | undefined;
  /** Calls so far, by name. */
  readonly calls: Map<string, number>;
}

interface Stored {
  batch: LandedBatch;
  flows: LandedFlow[];
  /** Place in the ledger; 0 while the batch is not committed. */
  place: number;
}

export function createMemoryReader(now: () => number): MemoryReader {
  const stored: Stored[] = [];
  const gaps: Gap[] = [];
  const calls = new Map<string, number>();
  const stories = new Map<string, FlowStory>();
  const storyOf = (flow: Flow): FlowStory | undefined => stories.get(flow.uuid ?? "");
  let places = 0;
  let ids = 0n;

  async function begin(call: string, signal?: AbortSignal): Promise<void> {
    calls.set(call, (calls.get(call) ?? 0) + 1);
    signal?.throwIfAborted();
    await reader.before?.(call, signal);
    signal?.throwIfAborted();
    if (reader.fault !== undefined) throw reader.fault;
  }

  function* rowsOf(
    query: Pick<FlowQuery, "viewer" | "selection" | "asOf" | "since" | "until">,
    among: readonly Stored[] = stored,
  ): Generator<TimedRow> {
    const matches = compileSelection(query.selection, { regex });
    for (const { flows, place } of among) {
      if (query.asOf !== undefined && (place === 0 || place > placeOf(query.asOf))) continue;
      for (const { flow, timeNs } of flows) {
        if (query.since !== undefined && timeNs < query.since) continue;
        if (query.until !== undefined && timeNs > query.until) continue;
        const seen = matches(flow, undefined, storyOf(flow))
          ? cutFlow(flow, query.viewer)
          : undefined;
        if (seen !== undefined)
          yield { ...flowRow(seen), at: timeNs, isVerdict: flow.event_type?.type === 5 };
      }
    }
  }

  const reader: MemoryReader = {
    fault: undefined,
    before: undefined,
    calls,
    stories,
    write(flows) {
      const timed = flows.map((flow) => ({ flow, timeNs: BigInt(flowRow(flow).timeNs || "0") }));
      const times = timed.map(({ timeNs }) => timeNs).sort((a, b) => (a < b ? -1 : 1));
      ids += 1n;
      const batch: LandedBatch = {
        id: ids,
        minTimeNs: times[0] ?? 0n,
        maxTimeNs: times.at(-1) ?? 0n,
        flows: flows.length,
        sealedAt: now(),
        storedAt: now(),
      };
      stored.push({ batch, flows: timed, place: 0 });
      return batch;
    },
    commit(batch) {
      const entry = stored.find((one) => one.batch.id === batch.id);
      if (entry !== undefined) entry.place = places += 1;
    },
    land(flows) {
      const batch = reader.write(flows);
      reader.commit(batch);
      return batch;
    },
    addGap: (gap) => void gaps.push(gap),
    async *observe(query, signal) {
      await begin("observe", signal);
      for (const { flow } of stored.flatMap((one) => one.flows)) {
        const seen = compileSelection(query.selection, { regex })(flow)
          ? cutFlow(flow, query.viewer)
          : undefined;
        if (seen !== undefined) yield { flow: seen };
      }
    },
    async page(query, signal) {
      await begin("page", signal);
      const all = [...rowsOf(query)].sort((a, b) => (a.at < b.at ? 1 : -1));
      const from = query.cursor === undefined ? 0 : Number(query.cursor);
      const rows = all.slice(from, from + query.limit).map(plain);
      const end = from + rows.length;
      return end < all.length ? { rows, next: String(end) } : { rows };
    },
    async detail(uuid, viewer, signal) {
      await begin("detail", signal);
      const found = stored.flatMap((one) => one.flows).find(({ flow }) => flow.uuid === uuid);
      const flow = found === undefined ? undefined : cutFlow(found.flow, viewer);
      if (flow === undefined) return undefined;
      const row = flowRow(flow);
      return {
        flow,
        row,
        ...(row.reason === "" ? {} : { reason: dropReasonText(row.reason) }),
        related: [],
      };
    },
    async drops(query, signal) {
      await begin("drops", signal);
      return timelineOf([...rowsOf(query)], query, gaps);
    },
    async verdicts(query, signal) {
      await begin("verdicts", signal);
      return countVerdicts(rowsOf(query));
    },
    async edges(query, signal) {
      await begin("edges", signal);
      return foldEdges(rowsOf(query)).slice(0, query.limit);
    },
    async gaps(_range, signal) {
      await begin("gaps", signal);
      return [...gaps];
    },
    async complete(what, prefix, viewer, signal) {
      await begin("complete", signal);
      const everything: FlowSelection = { allow: [], deny: [] };
      const names = [...rowsOf({ viewer, selection: everything })].flatMap((row) =>
        what === "node"
          ? [row.node]
          : [row.source, row.destination].map((peer) =>
              what === "namespace" ? peer.namespace : peer.name,
            ),
      );
      return [...new Set(names)].filter((name) => name !== "" && name.startsWith(prefix)).sort();
    },
    async end(signal) {
      await begin("end", signal);
      return cursorAt(places);
    },
    async tail(cursor, signal): Promise<TailStep> {
      await begin("tail", signal);
      const fresh = stored
        .filter((one) => one.place > placeOf(cursor))
        .sort((a, b) => a.place - b.place);
      return {
        cursor: cursorAt(fresh.at(-1)?.place ?? placeOf(cursor)),
        batches: fresh.map((one) => one.batch),
        flows: fresh.reduce((sum, one) => sum + one.flows.length, 0),
      };
    },
    async landed(batches, query, signal) {
      await begin("landed", signal);
      const ids = new Set(batches.map((batch) => batch.id));
      const rows = [
        ...rowsOf(
          query,
          stored.filter((one) => ids.has(one.batch.id)),
        ),
      ];
      return {
        drops: dropCounts(rows),
        verdicts: countVerdicts(rows),
        flows: rows
          .sort((a, b) => (a.at < b.at ? 1 : -1))
          .slice(0, query.rows)
          .map(plain),
        matched: rows.length,
      };
    },
    async totals() {
      await begin("totals");
      const times = stored.flatMap((one) => one.flows.map(({ timeNs }) => timeNs));
      return {
        newestNs: times.reduce((max, time) => (time > max ? time : max), 0n),
        flows: times.length,
        lostRecent: 0,
        lostTotal: gaps.reduce((sum, gap) => sum + gap.count, 0),
        nodes: [],
      };
    },
  };
  return reader;
}

type TimedRow = FlowRow & { at: bigint; isVerdict: boolean };

function regex(pattern: string): { test(text: string): boolean } {
  const compiled = RE2JS.compile(pattern);
  return { test: (text) => compiled.matcher(text).find() };
}

function cursorAt(place: number): TailCursor {
  return { storedAt: String(place), seen: [] };
}

function placeOf(cursor: TailCursor): number {
  return Number(cursor.storedAt);
}

function plain({ at: _at, isVerdict: _isVerdict, ...row }: TimedRow): FlowRow {
  return row;
}

/** A denied packet is told as a drop and as a policy verdict; what there is more of counts. */
function dropCounts(rows: Iterable<TimedRow>, stepMs = 1_000): [number, string, number][] {
  const tallies = new Map<
    string,
    { at: number; reason: string; drops: number; verdicts: number }
  >();
  for (const row of rows) {
    if (row.verdict !== "DROPPED") continue;
    const at = Math.floor(Number(row.at / 1_000_000n) / stepMs) * stepMs;
    const key = `${at} ${row.reason}`;
    const tally = tallies.get(key) ?? { at, reason: row.reason, drops: 0, verdicts: 0 };
    tallies.set(key, tally);
    tally[row.isVerdict ? "verdicts" : "drops"] += 1;
  }
  return [...tallies.values()].map(({ at, reason, drops, verdicts }) => [
    at,
    reason,
    Math.max(drops, verdicts),
  ]);
}

function timelineOf(
  rows: TimedRow[],
  query: { since?: bigint; until?: bigint; stepMs: number },
  gaps: Gap[],
): Timeline {
  const from = Number((query.since ?? 0n) / 1_000_000n);
  const to = Number(((query.until ?? 0n) + 1n) / 1_000_000n);
  const length = Math.ceil((to - from) / query.stepMs);
  const series = new Map<string, number[]>();
  for (const [second, reason, count] of dropCounts(rows, query.stepMs)) {
    const counts = series.get(reason) ?? Array.from<number>({ length }).fill(0);
    const bucket = Math.floor((second - from) / query.stepMs);
    counts[bucket] = (counts[bucket] ?? 0) + count;
    series.set(reason, counts);
  }
  return {
    from,
    to,
    stepMs: query.stepMs,
    series: [...series].map(([key, counts]) => ({ key, counts })),
    gaps: [...gaps],
  };
}

function countVerdicts(rows: Iterable<TimedRow>): VerdictCount[] {
  const counts = new Map<string, number>();
  for (const { verdict } of rows) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].map(([verdict, count]) => ({ verdict, count }));
}

function foldEdges(rows: Iterable<TimedRow>): Edge[] {
  const edges = new Map<string, Edge>();
  for (const row of rows) {
    if (row.verdict !== "DROPPED") continue;
    const {
      source,
      destination,
      protocol,
      destinationPort: port,
      direction,
      verdict,
      reason,
    } = row;
    const id = JSON.stringify([source, destination, protocol, port, direction, reason]);
    const seen = Number(row.at / 1_000_000n);
    const edge = edges.get(id);
    if (edge === undefined) {
      const times = { firstSeen: seen, lastSeen: seen, rate: 0 };
      edges.set(id, {
        id,
        source,
        destination,
        protocol,
        port,
        direction,
        verdict,
        reason,
        count: 1,
        ...times,
      });
    } else {
      edge.count += 1;
      edge.firstSeen = Math.min(edge.firstSeen, seen);
      edge.lastSeen = Math.max(edge.lastSeen, seen);
    }
  }
  return [...edges.values()].sort((a, b) => b.count - a.count);
}
