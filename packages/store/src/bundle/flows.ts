import { LOCAL_VIEWER, type LostEvents } from "@dropscope/model";
import type { LookupCache } from "../read/lookup.js";
import { lostEvents } from "../read/losses.js";
import { WINDOW_ROWS, windowsOf } from "../read/observe.js";
import { Params } from "../read/params.js";
import { rebuildFlow } from "../read/rebuild.js";
import { FLOW_KEYS, FLOW_SELECT, type FlowRecord, recordOf } from "../read/record.js";
import type { Runner } from "../read/run.js";
import { whereOf } from "../read/where.js";
import { createFlowTexts, type FlowWriter } from "./flow-text.js";
import type { BundledItem, BundledLine, BundleQuery } from "./types.js";

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
export function itemsIn(
  run: Runner,
  lookup: LookupCache,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<BundledItem[]> {
  return withLosses(run, lookup, query, signal, (values, timeNs) => ({
    timeNs,
    id: values[UUID] as string,
    flow: rebuildFlow(recordOf(values), lookup),
  }));
}

/** As `itemsIn`, each flow as a line of `hubble observe -o jsonpb`: much faster than to make the flows. */
export function linesIn(
  run: Runner,
  lookup: LookupCache,
  query: BundleQuery,
  writer: FlowWriter,
  signal: AbortSignal | undefined,
): AsyncIterable<BundledLine[]> {
  const { lineOf, flowOf } = createFlowTexts(lookup, writer);
  return withLosses(run, lookup, query, signal, (values) => ({
    text: lineOf(values),
    whole: () => flowOf(values),
  }));
}

type Loss = Extract<BundledItem, { readonly lost: LostEvents }>;

async function* withLosses<Flow>(
  run: Runner,
  lookup: LookupCache,
  query: BundleQuery,
  signal: AbortSignal | undefined,
  made: (values: readonly unknown[], timeNs: bigint) => Flow,
): AsyncIterable<(Flow | Loss)[]> {
  const losses = lostIn(run, query, signal)[Symbol.asyncIterator]();
  try {
    let loss = await losses.next();
    for await (const rows of ahead(rowsIn(run, query, signal), AHEAD)) {
      await lookup.load(rows.map(keysOf), signal);
      const items: (Flow | Loss)[] = [];
      for (const values of rows) {
        const timeNs = BigInt(values[TIME] as string);
        while (loss.done !== true && loss.value.timeNs <= timeNs) {
          items.push(loss.value);
          loss = await losses.next();
        }
        items.push(made(values, timeNs));
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

/** Columns of flows, each once. */
async function* rowsIn(
  run: Runner,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<unknown[][]> {
  const range = { ...query, viewer: LOCAL_VIEWER };
  let last = "";
  for (const { since, until } of await windowsOf(run, range, WINDOW_ROWS, signal)) {
    const params = new Params();
    const where = whereOf({ ...range, since, until }, params);
    const sql = `SELECT ${FLOW_SELECT} FROM flows WHERE ${where} ORDER BY time, uuid`;
    for await (const rows of run.arrays(sql, params, signal, "reader"))
      yield rows.filter((values) => {
        const key = `${values[TIME] as string} ${values[UUID] as string}`;
        const isNew = key !== last;
        last = key;
        return isNew;
      });
  }
}

const at = (name: keyof FlowRecord): number => FLOW_KEYS.indexOf(name);
const [TIME, UUID] = [at("time_ns"), at("uuid")];
const [SOURCE, DESTINATION, NODE] = [at("src_labels"), at("dst_labels"), at("node_labels")];
const [EGRESS_ALLOWED, INGRESS_ALLOWED] = [at("egress_allowed_by"), at("ingress_allowed_by")];
const [EGRESS_DENIED, INGRESS_DENIED] = [at("egress_denied_by"), at("ingress_denied_by")];

/** What a row points at. */
function keysOf(values: readonly unknown[]): Parameters<LookupCache["load"]>[0][number] {
  return {
    src_labels: values[SOURCE] as string,
    dst_labels: values[DESTINATION] as string,
    node_labels: values[NODE] as string,
    egress_allowed_by: values[EGRESS_ALLOWED] as string[],
    ingress_allowed_by: values[INGRESS_ALLOWED] as string[],
    egress_denied_by: values[EGRESS_DENIED] as string[],
    ingress_denied_by: values[INGRESS_DENIED] as string[],
  };
}

async function* lostIn(
  run: Runner,
  { since, until }: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Loss> {
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
