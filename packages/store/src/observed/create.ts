import { MOST_EDGES, type ObservedTraffic } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { bounded } from "../read/bounds.js";
import { LookupCache } from "../read/lookup.js";
import { gapsIn } from "../read/losses.js";
import { Params } from "../read/params.js";
import { createRunner, DEFAULT_LIMITS, type QueryLimits, type Runner } from "../read/run.js";
import { rangeSql } from "../read/time-sql.js";
import { answersIn } from "./answers.js";
import { edgesOf } from "./edges.js";
import { foldedRows } from "./folded.js";
import { namedBy } from "./named.js";
import { podNames } from "./pod-names.js";
import { requestsOf } from "./requests.js";
import { foldSettings } from "./settings.js";
import { standIns } from "./stand-ins.js";
import type { ObservedReader } from "./types.js";

/** A week of a cluster is read as a whole, which is more than a chart asks for. */
const LIMITS: QueryLimits = { ...DEFAULT_LIMITS, seconds: 60, bytes: 200_000_000_000 };

export function createObservedReader(
  client: StoreClient,
  options: { readonly limits?: QueryLimits | "profile" } = {},
): ObservedReader {
  const limits = options.limits ?? LIMITS;
  const run = createRunner(client, limits === "profile" ? undefined : limits);
  const lookup = new LookupCache(run);
  const settings = foldSettings(limits !== "profile");
  return {
    traffic: async ({ most = MOST_EDGES, ...query }, signal) => {
      const range = await bounded(run, query, signal);
      if (range === undefined) return nothing(query.since ?? 0n, query.until ?? query.since ?? 0n);
      const found = await foldedRows(run, range, most, settings, signal);
      const { rows, ...counts } = found;
      const [hours, gaps, requests, named, pods, answers] = await Promise.all([
        hoursIn(run, range, signal),
        gapsIn(run, range, signal),
        requestsOf(run, range, settings, signal),
        namedBy(run, lookup, range, settings, signal),
        podNames(run, range, rows, signal),
        range.viewer.seesL7 ? answersIn(run, range, signal) : undefined,
      ]);
      const flows = await standIns(run, lookup, range, rows, settings, signal);
      return {
        sinceNs: range.since,
        untilNs: range.until,
        ...counts,
        edges: edgesOf(rows, { flows, requests, named, pods }),
        hours,
        gaps,
        ...(answers === undefined ? {} : { answers }),
      };
    },
  };
}

function nothing(sinceNs: bigint, untilNs: bigint): ObservedTraffic {
  return {
    sinceNs,
    untilNs,
    flows: 0,
    firstNs: 0n,
    lastNs: 0n,
    edges: [],
    left: 0,
    unplaced: 0,
    hours: [],
    gaps: [],
  };
}

/** No filter and no viewer: whether anything was observed at all, which names nobody. */
async function hoursIn(
  run: Runner,
  range: { since: bigint; until: bigint },
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const params = new Params();
  const rows = await run.rows<{ hour: number }>(
    `SELECT DISTINCT toUInt32(intDiv(toUnixTimestamp64Nano(time), 3600000000000)) AS hour
     FROM flows WHERE ${rangeSql({ since: range.since, until: range.until }, params)} ORDER BY hour`,
    params,
    signal,
  );
  return rows.map(({ hour }) => hour);
}
