import type { TimeRange } from "../reader.js";
import { bounded, nearEnd, NEAR_ROWS } from "../read/bounds.js";
import { endSql, type ObserveQuery } from "../read/flow-plan.js";
import { nothingLost } from "../read/losses.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import type { Block } from "./read-native.js";
import { wideAt, type Wide } from "./values.js";

/** The newest or the oldest flows of a question for few of them, as far as they lie in the minutes at that end. */
export interface NearFlows {
  readonly from: "newest" | "oldest";
  /** Oldest first. */
  readonly blocks: readonly Block[];
  /** For those that are wanting; undefined when there is nothing more to look for. */
  readonly rest: ObserveQuery | undefined;
  /** Time of the flow that is farthest from the end, ns. */
  readonly edge: bigint | undefined;
  /** Nothing is known to be missing in those minutes. */
  readonly quiet: boolean;
}

/**
 * One question instead of one for where the flows lie and one for the flows; undefined where many
 * are wanted, or nothing can lie in the range.
 * @throws FilterError
 */
export async function nearFlows(
  run: Runner,
  read: (sql: string, params: Params, signal: AbortSignal | undefined) => AsyncIterable<Block>,
  query: ObserveQuery,
  signal: AbortSignal | undefined,
): Promise<NearFlows | undefined> {
  const wanted = query.first ?? query.last;
  if (wanted === undefined || wanted < 1 || wanted > NEAR_ROWS) return undefined;
  const from = query.first === undefined ? "newest" : "oldest";
  const isKnown = (from === "newest" ? query.until : query.since) !== undefined;
  const range = isKnown ? query : await bounded(run, query, signal);
  const parted = range && nearEnd(range, from);
  if (parted === undefined) return undefined;
  const params = new Params();
  const sql = endSql(whereOf({ ...query, ...parted.near }, params), wanted, from, params);
  const [blocks, quiet] = await Promise.all([
    all(read(sql, params, signal)),
    nothingLost(run, parted.near, signal),
  ]);
  const left = wanted - blocks.reduce((sum, block) => sum + block.rows, 0);
  const isDone = left <= 0 || parted.rest === undefined;
  return {
    from,
    blocks,
    rest: isDone ? undefined : restOf(query, parted.rest ?? {}, left),
    edge: edgeOf(blocks, from),
    quiet: isDone && quiet,
  };
}

function restOf(query: ObserveQuery, range: TimeRange, left: number): ObserveQuery {
  return { ...query, ...range, ...(query.first === undefined ? { last: left } : { first: left }) };
}

function edgeOf(blocks: readonly Block[], from: "newest" | "oldest"): bigint | undefined {
  const block = from === "newest" ? blocks[0] : blocks.at(-1);
  if (block === undefined) return undefined;
  return wideAt(block.columns.get("time_ns") as Wide, from === "newest" ? 0 : block.rows - 1);
}

async function all(blocks: AsyncIterable<Block>): Promise<Block[]> {
  const found: Block[] = [];
  for await (const block of blocks) found.push(block);
  return found;
}
