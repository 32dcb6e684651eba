import { LOCAL_VIEWER } from "@dropscope/model";
import type { LookupCache } from "../read/lookup.js";
import { lostEvents } from "../read/losses.js";
import { WINDOW_ROWS, windowsOf } from "../read/observe.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import { FLOW_SELECT, flowRecords } from "../read/record.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import type { BundledItem, BundleQuery } from "./types.js";

/** Pieces that are read while earlier ones are written. */
const AHEAD = 4;

export async function countFlows(
  run: Runner,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): Promise<number> {
  const params = new Params();
  const where = whereOf({ ...query, viewer: LOCAL_VIEWER }, params);
  const [row] = await run.rows<{ flows: string }>(
    `SELECT count() AS flows FROM flows WHERE ${where}`,
    params,
    signal,
  );
  return Number(row?.flows ?? 0);
}

/** Flows and losses by time, then by id; losses pass every filter. A flow that is stored twice comes once. */
export async function* itemsIn(
  run: Runner,
  lookup: LookupCache,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<BundledItem[]> {
  const losses = lostIn(run, query, signal)[Symbol.asyncIterator]();
  try {
    let loss = await losses.next();
    for await (const flows of ahead(flowsIn(run, lookup, query, signal), AHEAD)) {
      const items: BundledItem[] = [];
      for (const flow of flows) {
        while (loss.done !== true && loss.value.timeNs <= flow.timeNs) {
          items.push(loss.value);
          loss = await losses.next();
        }
        items.push(flow);
      }
      yield items;
    }
    while (loss.done !== true) {
      yield [loss.value];
      loss = await losses.next();
    }
  } finally {
    await losses.return(undefined);
  }
}

async function* flowsIn(
  run: Runner,
  lookup: LookupCache,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<(BundledItem & { readonly id: string })[]> {
  const range = { ...query, viewer: LOCAL_VIEWER };
  let last = "";
  for (const { since, until } of await windowsOf(run, range, WINDOW_ROWS, signal)) {
    const params = new Params();
    const where = whereOf({ ...range, since, until }, params);
    const sql = `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time, uuid`;
    for await (const rows of flowRecords(run, sql, params, signal, "reader")) {
      await lookup.load(rows, signal);
      const flows: (BundledItem & { readonly id: string })[] = [];
      for (const row of rows) {
        const key = `${row.time_ns} ${row.uuid}`;
        if (key === last) continue;
        last = key;
        flows.push({
          timeNs: BigInt(row.time_ns),
          id: row.uuid,
          flow: rebuildFlow(row, lookup),
        });
      }
      yield flows;
    }
  }
}

async function* lostIn(
  run: Runner,
  { since, until }: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<BundledItem> {
  for await (const { timeNs, item } of lostEvents(run, { since, until }, signal))
    if (item.lost_events !== undefined)
      yield { timeNs, lost: item.lost_events, node: item.node_name ?? "" };
}

/** Asks for some pieces before they are wanted, so that the store works while the reader does. */
async function* ahead<Value>(source: AsyncIterable<Value>, most: number): AsyncGenerator<Value> {
  const values = source[Symbol.asyncIterator]();
  const asked: Promise<IteratorResult<Value>>[] = [];
  try {
    for (;;) {
      while (asked.length < most) {
        const next = values.next();
        // It is awaited in its turn; until then its failure is nobody's.
        next.catch(() => undefined);
        asked.push(next);
      }
      const result = await (asked.shift() as Promise<IteratorResult<Value>>);
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    await values.return?.();
  }
}
