import { cutExplanation, type DropExplanation, formatTimeNs, type Viewer } from "@dropscope/model";
import { isUuid } from "../read/condition-sql.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { and } from "../read/sql.js";
import { timeSql } from "../read/time-sql.js";
import { idNumber, idText, isProblemId } from "./ids.js";
import { visibleSql } from "./problem-sql.js";
import type { ExplainedFlow } from "./types.js";

interface ExplainedRecord {
  flow: string;
  time_ns: string;
  problem_id: string;
  source: string;
  destination: string;
  explanation: string;
}

const SELECT = `SELECT toString(uuid) AS flow, toString(toUnixTimestamp64Nano(time)) AS time_ns, toString(problem) AS problem_id,
  src_namespace AS source, dst_namespace AS destination, explanation FROM explanations`;
const NAMESPACES = ["src_namespace", "dst_namespace"];

export async function explanationOf(
  run: Runner,
  uuid: string,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): Promise<ExplainedFlow | undefined> {
  if (!isUuid(uuid)) return undefined;
  const params = new Params();
  const where = and([`uuid = ${params.add("UUID", uuid)}`, visibleSql(viewer, NAMESPACES, params)]);
  const rows = await run.rows<ExplainedRecord>(`${SELECT} WHERE ${where} LIMIT 1`, params, signal);
  return rows.flatMap((row) => explainedOf(row, viewer))[0];
}

export async function flowsOf(
  run: Runner,
  id: string,
  query: { readonly viewer: Viewer; readonly limit: number; readonly before?: bigint },
  signal: AbortSignal | undefined,
): Promise<ExplainedFlow[]> {
  if (!isProblemId(id)) return [];
  const params = new Params();
  const { viewer, before, limit } = query;
  const where = and([
    `problem = ${params.add("UInt64", idNumber(id))}`,
    visibleSql(viewer, NAMESPACES, params),
    before === undefined ? "1" : `time < ${timeSql(before, params)}`,
  ]);
  const rows = await run.rows<ExplainedRecord>(
    `${SELECT} WHERE ${where} ORDER BY problem DESC, time DESC, uuid DESC LIMIT ${params.add("UInt64", BigInt(limit))}`,
    params,
    signal,
  );
  return rows.flatMap((row) => explainedOf(row, viewer));
}

function explainedOf(row: ExplainedRecord, viewer: Viewer): ExplainedFlow[] {
  const timeNs = BigInt(row.time_ns);
  const whole = { uuid: row.flow, time: formatTimeNs(timeNs), ...contentOf(row.explanation) };
  const ends = { source: row.source, destination: row.destination };
  const explanation = cutExplanation(whole, ends, viewer);
  if (explanation === undefined) return [];
  return [{ uuid: row.flow, timeNs, problem: idText(row.problem_id), explanation }];
}

const contentOf = (text: string): Omit<DropExplanation, "uuid" | "time"> =>
  JSON.parse(text) as Omit<DropExplanation, "uuid" | "time">;
