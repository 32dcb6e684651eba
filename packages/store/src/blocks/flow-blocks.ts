import { cutFlow, type Flow, type Gap, type ObservedItem, type PolicyRef } from "@dropscope/model";
import type { ClickHouseSettings } from "@clickhouse/client";
import type { StoreClient } from "../clickhouse/client.js";
import { queryBytes } from "../export/bytes.js";
import type { LandedBatch, TimeRange } from "../reader.js";
import { NEAR_STEPS } from "../read/bounds.js";
import { planFlows, type FlowPlan, type ObserveQuery, type Window } from "../read/flow-plan.js";
import { LookupCache } from "../read/lookup.js";
import { lostEvents, outagesOf, type TimedItem } from "../read/losses.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import type { FlowRecord } from "../read/record.js";
import { createRunner, DEFAULT_LIMITS, ONE_THREAD, type QueryLimits } from "../read/run.js";
import { nearFlows, type NearFlows } from "./near-blocks.js";
import { readNative, type Block } from "./read-native.js";
import { jsonAt, wideAt, type Lists, type Values, type Wide } from "./values.js";

/** Some thousand flows as columns, oldest first, with everything that their keys point at. */
export interface FlowBlock {
  readonly rows: number;
  /** Rows that belong to the answer: [from, to). */
  readonly from: number;
  readonly to: number;
  /** Columns of `flows` by name; the time is `time_ns`, Int64. @throws Error for a name that is not there */
  column(name: string): Values;
  timeNs(row: number): bigint;
  labels(key: string): readonly string[] | undefined;
  policy(key: string): PolicyRef | undefined;
  /** The row as the flow that was sent, as the viewer may see it. */
  flowAt(row: number): Flow | undefined;
}

export interface FlowBlocks {
  /**
   * Flows of a question of any size, oldest first, a block at a time; the next window is sorted
   * by the engine while the reader is busy with this one. An abort cancels the query in the engine.
   * @throws FilterError, DropscopeError `QUERY_TOO_BROAD`
   */
  open(query: ObserveQuery, signal?: AbortSignal): Promise<OpenFlows>;
  /** Losses that Hubble itself reported, oldest first; of some batches only when those are named. */
  losses(
    range: TimeRange & { batches?: readonly LandedBatch[] },
    signal?: AbortSignal,
  ): AsyncIterable<{ timeNs: bigint; item: ObservedItem }>;
  /** Other gaps that these batches told of, unfolded: an outage without `to` has begun, one with it is over. */
  outagesOf(batches: readonly LandedBatch[], signal?: AbortSignal): Promise<Gap[]>;
}

export interface OpenFlows {
  blocks(): AsyncIterable<FlowBlock>;
  /** Where the losses that belong to the answer lie. */
  readonly losses: TimeRange;
  /** Nothing is known to be missing there: nobody has to ask. */
  readonly quiet: boolean;
}

export interface FlowBlocksOptions {
  limits?: QueryLimits | "profile";
  /** Rows that are sorted at once; memory of the engine, about 1 KiB a row, and twice that while two windows overlap. */
  windowRows?: number;
  /** Rows of a block. */
  blockRows?: number;
}

/** More rows cost the engine memory, fewer make it read the same hour more often. */
const WINDOW_ROWS = 200_000;
const BLOCK_ROWS = 8_192;
/** The answer is taken as slowly as its reader likes, and the clock of the query runs on meanwhile. */
const PATIENT_SECONDS = 86_400;

/** Reads whole flows as columns, for those who make bytes of them; see `createReader` for everything else. */
export function createFlowBlocks(client: StoreClient, options: FlowBlocksOptions = {}): FlowBlocks {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const lookup = new LookupCache(run);
  const settings: ClickHouseSettings = {
    max_block_size: String(options.blockRows ?? BLOCK_ROWS),
    ...(limits === "profile"
      ? {}
      : {
          max_execution_time: PATIENT_SECONDS,
          max_rows_to_read: String(limits.rows),
          max_bytes_to_read: String(limits.bytes),
          max_memory_usage: String(limits.memoryBytes),
          cancel_http_readonly_queries_on_client_close: 1,
        }),
  };

  const read = (
    sql: string,
    params: Params,
    signal: AbortSignal | undefined,
    more: ClickHouseSettings = {},
  ): AsyncGenerator<Block> => {
    const text = `${sql} FORMAT Native`;
    return readNative(queryBytes(client, text, params, { ...settings, ...more }, signal));
  };

  const windowBlocks = (
    plan: FlowPlan,
    window: Window,
    signal: AbortSignal | undefined,
  ): AsyncIterator<Block> => {
    const params = new Params();
    const more = limits === "profile" ? {} : ONE_THREAD;
    return read(plan.sqlOf(window, params), params, signal, more);
  };

  async function* blocksOf(
    plan: FlowPlan,
    query: ObserveQuery,
    outer: AbortSignal | undefined,
  ): AsyncGenerator<FlowBlock> {
    // Who stops reading ends what was asked for ahead, too.
    const stop = new AbortController();
    const signal = outer === undefined ? stop.signal : AbortSignal.any([outer, stop.signal]);
    let { skip, limit: left } = plan;
    try {
      for await (const block of overlapped(plan, (window) => windowBlocks(plan, window, signal))) {
        const from = Math.min(skip, block.rows);
        const to = Math.min(block.rows, from + left);
        skip -= from;
        left -= to - from;
        if (to > from) {
          await lookup.load(keysOf(block), signal);
          yield flowBlock(block, from, to, query, lookup);
        }
        if (left === 0) return;
      }
    } finally {
      stop.abort();
    }
  }

  async function* nearBlocks(
    near: NearFlows,
    query: ObserveQuery,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<FlowBlock> {
    for (const block of near.blocks) {
      await lookup.load(keysOf(block), signal);
      yield flowBlock(block, 0, block.rows, query, lookup);
    }
  }

  const planned = (query: ObserveQuery, signal: AbortSignal | undefined, known = 0) =>
    planFlows(run, query, options.windowRows ?? WINDOW_ROWS, signal, known);

  return {
    async open(query, signal) {
      const near = await nearFlows(run, read, query, signal);
      if (near === undefined) {
        const plan = await planned(query, signal);
        return { losses: plan.losses, quiet: false, blocks: () => blocksOf(plan, query, signal) };
      }
      const rest = near.rest && (await planned(near.rest, signal, NEAR_STEPS));
      return {
        losses: lossesOf(query, near, rest),
        quiet: near.quiet,
        async *blocks() {
          if (near.from === "oldest") yield* nearBlocks(near, query, signal);
          if (rest !== undefined) yield* blocksOf(rest, query, signal);
          if (near.from === "newest") yield* nearBlocks(near, query, signal);
        },
      };
    },
    losses: (range, signal): AsyncIterable<TimedItem> => lostEvents(run, range, signal),
    outagesOf: (batches, signal) => outagesOf(run, batches, signal),
  };
}

/** As far as there are flows: up to the one that is farthest from the end that was asked for. */
function lossesOf(query: ObserveQuery, near: NearFlows, rest: FlowPlan | undefined): TimeRange {
  const far = rest !== undefined && rest.windows.length > 0 ? rest.losses : undefined;
  const [since, until] =
    near.from === "newest"
      ? [far?.since ?? near.edge ?? query.since, query.until]
      : [query.since, far?.until ?? near.edge ?? query.until];
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

/** Windows one after the other; each is asked for when the first rows of the one before are there. */
async function* overlapped(
  plan: FlowPlan,
  open: (window: Window) => AsyncIterator<Block>,
): AsyncGenerator<Block> {
  interface Ahead {
    blocks: AsyncIterator<Block>;
    first: Promise<IteratorResult<Block>>;
  }
  const start = (window: Window | undefined): Ahead | undefined => {
    if (window === undefined) return undefined;
    const blocks = open(window);
    const first = blocks.next();
    // Whoever takes it sees the error; nobody may be there when the reader leaves first.
    first.catch(() => {});
    return { blocks, first };
  };
  let current = start(plan.windows[0]);
  let next: Ahead | undefined;
  try {
    for (let at = 1; current !== undefined; at++) {
      let result = await current.first;
      next = start(plan.windows[at]);
      while (result.done !== true) {
        yield result.value;
        result = await current.blocks.next();
      }
      current = next;
      next = undefined;
    }
  } finally {
    // The first rows may be a long time coming: do not wait for them.
    for (const ahead of [current, next]) void ahead?.blocks.return?.().catch(() => {});
  }
}

const LABEL_COLUMNS = ["src_labels", "dst_labels", "node_labels"] as const;
const POLICY_COLUMNS = [
  "egress_allowed_by",
  "ingress_allowed_by",
  "egress_denied_by",
  "ingress_denied_by",
] as const;

/** The distinct keys of a block, as one row that holds them all for `LookupCache.load`. */
function keysOf(block: Block): Parameters<LookupCache["load"]>[0] {
  const labels = new Set<string>();
  for (const name of LABEL_COLUMNS) distinct(block.columns.get(name) as Wide, labels);
  const policies = new Set<string>();
  for (const name of POLICY_COLUMNS)
    distinct((block.columns.get(name) as Lists).items as Wide, policies);
  return [keyed("0", [...policies]), ...[...labels].map((key) => keyed(key, []))];
}

function keyed(label: string, policies: string[]): Parameters<LookupCache["load"]>[0][number] {
  return {
    src_labels: label,
    dst_labels: "0",
    node_labels: "0",
    egress_allowed_by: policies,
    ingress_allowed_by: [],
    egress_denied_by: [],
    ingress_denied_by: [],
  };
}

function distinct(column: Wide, into: Set<string>): void {
  const { words } = column;
  const seen = new Map<number, Set<number>>();
  for (let at = 0; at < words.length; at += 2) {
    const low = words[at] as number;
    const high = words[at + 1] as number;
    let highs = seen.get(low);
    if (highs === undefined) seen.set(low, (highs = new Set()));
    if (highs.has(high)) continue;
    highs.add(high);
    into.add(String(wideAt(column, at / 2)));
  }
}

function flowBlock(
  block: Block,
  from: number,
  to: number,
  query: ObserveQuery,
  lookup: LookupCache,
): FlowBlock {
  const column = (name: string): Values => {
    const found = block.columns.get(name);
    if (found === undefined) throw new Error(`the answer has no column ${name}`);
    return found;
  };
  const times = column("time_ns") as Wide;
  return {
    rows: block.rows,
    from,
    to,
    column,
    timeNs: (row) => wideAt(times, row),
    labels: (key) => lookup.labels(key),
    policy: (key) => lookup.policy(key),
    flowAt(row) {
      const record: Record<string, unknown> = {};
      for (const [name, values] of block.columns) record[name] = jsonAt(values, row);
      return cutFlow(rebuildFlow(record as unknown as FlowRecord, lookup), query.viewer);
    },
  };
}
