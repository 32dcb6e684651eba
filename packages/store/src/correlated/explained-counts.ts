import type { DropOutcome } from "@dropscope/model";
import type { StoreClient } from "../clickhouse/client.js";
import { Params } from "../read/params.js";
import { createRunner } from "../read/run.js";
import { idText } from "./ids.js";

/** What became of the flows of some batches. */
export interface ExplainedCounts {
  /** Flows that are explained, by outcome; the most first. */
  readonly outcomes: readonly (readonly [DropOutcome, number])[];
  /** Ids of the problems that they are part of. */
  readonly problems: readonly string[];
}

/** An id takes some twenty bytes of a query's address. */
const BATCHES_PER_QUERY = 250;

/** @throws DropscopeError when the store cannot be read */
export async function explainedCounts(
  client: StoreClient,
  batches: readonly bigint[],
  signal?: AbortSignal,
): Promise<ExplainedCounts> {
  const run = createRunner(client, undefined);
  const outcomes = new Map<DropOutcome, number>();
  const problems = new Set<string>();
  for (let at = 0; at < batches.length; at += BATCHES_PER_QUERY) {
    const params = new Params();
    const some = params.add("Array(UInt64)", batches.slice(at, at + BATCHES_PER_QUERY));
    const rows = await run.rows<{ problem: string; outcome: DropOutcome; flows: string }>(
      `SELECT toString(problem) AS problem, outcome, sum(weight) AS flows FROM explanations WHERE batch IN ${some} GROUP BY problem, outcome`,
      params,
      signal,
    );
    for (const { problem, outcome, flows } of rows) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + Number(flows));
      problems.add(idText(problem));
    }
  }
  const most = [...outcomes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return { outcomes: most, problems: [...problems] };
}

/** When the newest of some batches landed, ms since 1970; 0 when none has. */
export async function landedAt(
  client: StoreClient,
  batches: readonly bigint[],
  signal?: AbortSignal,
): Promise<number> {
  const run = createRunner(client, undefined);
  let newest = 0;
  for (let at = 0; at < batches.length; at += BATCHES_PER_QUERY) {
    const params = new Params();
    const some = batches.slice(at, at + BATCHES_PER_QUERY);
    const [row] = await run.rows<{ newest: string }>(
      `SELECT toString(toUnixTimestamp64Milli(max(stored_at))) AS newest FROM batches WHERE batch IN ${params.add("Array(UInt64)", some)}`,
      params,
      signal,
    );
    newest = Math.max(newest, Number(row?.newest));
  }
  return newest;
}
