import { idNumber, idText, isProblemId } from "../correlated/ids.js";
import { countOf, minuteSql } from "../correlated/problem-sql.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import type { ViewReader } from "./types.js";

interface StepRow {
  problem: string;
  step: string;
  drops: string;
  verdicts: string;
}

const MS_NS = 1_000_000n;

export async function trends(
  run: Runner,
  ids: readonly string[],
  { since, stepMs, steps }: Parameters<ViewReader["trends"]>[1],
  signal: AbortSignal | undefined,
): Promise<Map<string, number[]>> {
  const known = ids.filter(isProblemId).map(idNumber);
  const found = new Map<string, number[]>();
  if (known.length === 0) return found;
  const params = new Params();
  const first = params.add("Int64", since / 1_000_000_000n);
  const until = since + BigInt(stepMs) * BigInt(steps) * MS_NS - 1n;
  const rows = await run.rows<StepRow>(
    `SELECT toString(problem) AS problem,
      intDiv(toInt64(toUnixTimestamp(minute)) - ${first}, ${params.add("Int64", BigInt(Math.round(stepMs / 1000)))}) AS step,
      sum(m.drops) AS drops, sum(m.verdicts) AS verdicts
    FROM problem_minutes AS m WHERE problem IN ${params.add("Array(UInt64)", known)}
      AND minute >= ${minuteSql(since, params)} AND minute <= ${minuteSql(until, params)}
    GROUP BY problem, step`,
    params,
    signal,
  );
  for (const row of rows) {
    const id = idText(row.problem);
    const counts = found.get(id) ?? Array.from<number>({ length: steps }).fill(0);
    const at = Number(row.step);
    if (at >= 0 && at < steps) counts[at] = countOf(row.drops, row.verdicts);
    found.set(id, counts);
  }
  return found;
}
