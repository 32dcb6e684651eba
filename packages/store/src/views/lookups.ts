import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { and } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import type { Lookups, ViewReader } from "./types.js";

interface StepRow {
  step: string;
  kind: "request" | "response";
  rcode: number;
  lookups: string;
}

const MS_NS = 1_000_000n;

export async function lookups(
  run: Runner,
  { viewer, since, until, stepMs }: Parameters<ViewReader["lookups"]>[0],
  signal: AbortSignal | undefined,
): Promise<Lookups> {
  const from = Math.floor(Number(since / MS_NS) / stepMs) * stepMs;
  const steps = Math.max(1, Math.floor((Number(until / MS_NS) - from) / stepMs) + 1);
  const to = from + steps * stepMs;
  const params = new Params();
  const step = params.add("Int64", BigInt(Math.round(stepMs / 1000)));
  const bound = (ms: number): string => `toDateTime(${timeSql(BigInt(ms) * MS_NS, params)}, 'UTC')`;
  const rows = await run.rows<StepRow>(
    `SELECT intDiv(toInt64(toUnixTimestamp(minute)), ${step}) AS step, toString(kind) AS kind,
      if(kind = 'response', rcode, 0) AS rcode, sum(count) AS lookups
    FROM dns_1m WHERE ${and([
      `minute >= ${bound(from)}`,
      `minute < ${bound(to)}`,
      viewer.namespaces === "all"
        ? "1"
        : `has(${params.add("Array(String)", viewer.namespaces)}, toString(src_namespace))`,
    ])}
    GROUP BY step, kind, rcode`,
    params,
    signal,
  );
  const zeros = (): number[] => Array.from({ length: steps }, () => 0);
  const asked = zeros();
  const answered = new Map<number, number[]>();
  for (const row of rows) {
    const at = Number(row.step) - from / stepMs;
    let counts = row.kind === "request" ? asked : answered.get(row.rcode);
    if (counts === undefined) answered.set(row.rcode, (counts = zeros()));
    counts[at] = (counts[at] ?? 0) + Number(row.lookups);
  }
  return { from, to, stepMs, asked, answered };
}
