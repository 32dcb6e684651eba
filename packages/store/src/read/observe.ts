import type { ObservedItem } from "@dropscope/model";
import { planFlows, type FlowPlan, type ObserveQuery } from "./flow-plan.js";
import { seenFlows } from "./flows.js";
import type { LookupCache } from "./lookup.js";
import { lostEvents, type TimedItem } from "./losses.js";
import { Params } from "./params.js";
import { flowRecords } from "./record.js";
import type { Runner } from "./run.js";

export { WINDOW_ROWS, windowsOf } from "./flow-plan.js";

/** Flows and losses, oldest first. Losses are merged in by time and pass every filter. */
export async function* observe(
  run: Runner,
  lookup: LookupCache,
  query: ObserveQuery,
  windowRows: number,
  signal: AbortSignal | undefined,
): AsyncIterable<ObservedItem> {
  const plan = await planFlows(run, query, windowRows, signal);
  const flows = flowsIn(run, lookup, query, plan, signal);
  if (query.batches !== undefined) {
    for await (const item of flows) yield item.item;
    return;
  }
  yield* merged(flows, lostEvents(run, plan.losses, signal));
}

async function* flowsIn(
  run: Runner,
  lookup: LookupCache,
  { viewer }: ObserveQuery,
  plan: FlowPlan,
  signal: AbortSignal | undefined,
): AsyncIterable<TimedItem> {
  let { skip, limit: left } = plan;
  for (const window of plan.windows) {
    if (left === 0) return;
    const params = new Params();
    const sql = plan.sqlOf(window, params);
    for await (const rows of flowRecords(run, sql, params, signal, "reader")) {
      for (const seen of await seenFlows(rows, viewer, lookup, signal)) {
        if (skip > 0) {
          skip -= 1;
          continue;
        }
        if (left === 0) return;
        left -= 1;
        yield { timeNs: seen.timeNs, item: itemOf(seen.flow) };
      }
    }
  }
}

function itemOf(flow: NonNullable<ObservedItem["flow"]>): ObservedItem {
  return {
    flow,
    ...(flow.node_name === undefined ? {} : { node_name: flow.node_name }),
    ...(flow.time === undefined ? {} : { time: flow.time }),
  };
}

async function* merged(
  flows: AsyncIterable<TimedItem>,
  losses: AsyncIterable<TimedItem>,
): AsyncIterable<ObservedItem> {
  const left = flows[Symbol.asyncIterator]();
  const right = losses[Symbol.asyncIterator]();
  try {
    let flow = await left.next();
    let loss = await right.next();
    while (flow.done !== true || loss.done !== true) {
      if (loss.done !== true && (flow.done === true || loss.value.timeNs <= flow.value.timeNs)) {
        yield loss.value.item;
        loss = await right.next();
      } else if (flow.done !== true) {
        yield flow.value.item;
        flow = await left.next();
      }
    }
  } finally {
    await Promise.allSettled([left.return?.(), right.return?.()]);
  }
}
