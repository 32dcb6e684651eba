import { LOCAL_VIEWER, type Agreement, type ChangeMark } from "@dropscope/model";
import { minuteSql } from "../correlated/problem-sql.js";
import { idNumber, idText } from "../correlated/ids.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { and } from "../read/sql.js";
import { rangeSql } from "../read/time-sql.js";
import { whereOf } from "../read/where.js";
import type {
  BundledExplained,
  BundledMinute,
  BundleQuery,
  ProblemFacts,
  SomeNames,
} from "./types.js";

/** Equal texts are one entry of a dictionary, so the hash is made once for each. */
const HASH = "lower(hex(sipHash128(explanation)))";
const SAMPLES = 10;
const NAMED = 50;

interface ExplainedRecord {
  problem_id: string;
  time_ns: string;
  flow: string;
  told: "drop" | "verdict";
  weight: number;
  src_namespace: string;
  dst_namespace: string;
  pod: string;
  peer: string;
  node: string;
  hash: string;
}

/** Explained flows of the query, by problem, then by time. */
export async function* explainedIn(
  run: Runner,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<BundledExplained[]> {
  const params = new Params();
  const sql = `SELECT toString(problem) AS problem_id, toString(toUnixTimestamp64Nano(time)) AS time_ns, toString(uuid) AS flow,
      told, weight, src_namespace, dst_namespace, pod, peer, node, ${HASH} AS hash
    FROM explanations WHERE ${explainedWhere(query, params)} ORDER BY problem, time, uuid`;
  let last = "";
  for await (const rows of run.stream<ExplainedRecord>(sql, params, signal)) {
    const once = rows.filter((row) => {
      const key = `${row.problem_id} ${row.time_ns} ${row.flow}`;
      const isNew = key !== last;
      last = key;
      return isNew;
    });
    yield once.map((row) => ({
      problem: idText(row.problem_id),
      timeNs: BigInt(row.time_ns),
      uuid: row.flow,
      told: row.told,
      weight: row.weight,
      sourceNamespace: row.src_namespace,
      destinationNamespace: row.dst_namespace,
      pod: row.pod,
      peer: row.peer,
      node: row.node,
      hash: row.hash,
    }));
  }
}

/** Hashes and ids in one query: they stand in its address. */
const PER_QUERY = 200;

/** Texts of explanations by their hash; `DropExplanation` without uuid and time, as JSON. */
export async function explanationTexts(
  run: Runner,
  problems: readonly string[],
  hashes: readonly string[],
  { since, until }: Pick<BundleQuery, "since" | "until">,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < hashes.length; at += PER_QUERY) {
    const params = new Params();
    const some = params.add("Array(String)", hashes.slice(at, at + PER_QUERY));
    const where = and([
      problems.length > PER_QUERY
        ? "1"
        : `problem IN ${params.add("Array(UInt64)", problems.map(idNumber))}`,
      rangeSql({ since, until }, params),
      `hash IN ${some}`,
    ]);
    const rows = await run.rows<{ hash: string; explanation: string }>(
      `SELECT ${HASH} AS hash, explanation FROM explanations WHERE ${where} LIMIT 1 BY hash`,
      params,
      signal,
    );
    for (const row of rows) found.set(row.hash, row.explanation);
  }
  return found;
}

/** Counts by problem and minute: as they are stored, or of the chosen flows alone. */
export async function* minutesIn(
  run: Runner,
  query: BundleQuery,
  signal: AbortSignal | undefined,
): AsyncIterable<BundledMinute[]> {
  const params = new Params();
  const counted = isEverything(query)
    ? `SELECT problem AS id, toUnixTimestamp(minute) AS at, sum(m.drops) AS drops, sum(m.verdicts) AS verdicts
       FROM problem_minutes AS m WHERE minute >= ${minuteSql(query.since, params)} AND minute <= ${minuteSql(query.until, params)}`
    : `SELECT problem AS id, intDiv(toUnixTimestamp64Second(time), 60) * 60 AS at,
         sumIf(toUInt64(weight), told = 'drop') AS drops, sumIf(toUInt64(weight), told = 'verdict') AS verdicts
       FROM explanations WHERE ${explainedWhere(query, params)}`;
  const sql = `SELECT toString(id) AS problem_id, toUInt32(at) AS minute, drops, verdicts FROM (${counted} GROUP BY id, at) ORDER BY id, at`;
  interface Row {
    problem_id: string;
    minute: number;
    drops: string;
    verdicts: string;
  }
  for await (const rows of run.stream<Row>(sql, params, signal))
    yield rows.map(({ problem_id, minute, drops, verdicts }) => ({
      problem: idText(problem_id),
      minute,
      drops: Number(drops),
      verdicts: Number(verdicts),
    }));
}

interface FactsRecord {
  problem_id: string;
  oldest_ns: string;
  newest_ns: string;
  newest_uuid: string;
  newest_explanation: string;
  newest_agreement: Agreement;
  newest_change: string;
  samples: [string, string][];
  pods: string[];
  pod_count: string;
  nodes: string[];
  node_count: string;
  peers: string[];
  peer_count: string;
}

/** What the range says about problems; those without an explained flow in it are missing. */
export async function factsOf(
  run: Runner,
  ids: readonly string[],
  query: BundleQuery,
  signal: AbortSignal | undefined,
): Promise<ProblemFacts[]> {
  const params = new Params();
  const where = and([
    `problem IN ${params.add("Array(UInt64)", ids.map(idNumber))}`,
    explainedWhere(query, params),
  ]);
  const newest = (what: string): string => `argMax(${what}, (time, uuid))`;
  const names = (column: string, as: string): string =>
    `arraySlice(arraySort(groupUniqArrayIf(toString(${column}), ${column} != '')), 1, ${NAMED}) AS ${as}s, uniqExactIf(${column}, ${column} != '') AS ${as}_count`;
  const change = "JSONExtractRaw(toString(e.explanation), 'change')";
  const rows = await run.rows<FactsRecord>(
    `SELECT toString(problem) AS problem_id,
      toString(toUnixTimestamp64Nano(min(time))) AS oldest_ns, toString(toUnixTimestamp64Nano(max(time))) AS newest_ns,
      toString(${newest("uuid")}) AS newest_uuid, ${newest("toString(e.explanation)")} AS newest_explanation,
      if(countIf(e.agreement != 'cilium-silent') = 0, 'cilium-silent', argMaxIf(toString(e.agreement), (time, uuid), e.agreement != 'cilium-silent')) AS newest_agreement,
      argMaxIf(${change}, (time, uuid), ${change} NOT IN ('', 'null')) AS newest_change,
      arrayMap(s -> (toString(s.1), toString(s.2)), arraySlice(arrayReverseSort(groupUniqArray((toUnixTimestamp64Nano(time), uuid))), 1, ${SAMPLES})) AS samples,
      ${names("pod", "pod")}, ${names("node", "node")}, ${names("peer", "peer")}
     FROM explanations AS e WHERE ${where} GROUP BY problem ORDER BY problem`,
    params,
    signal,
  );
  return rows.map((row) => ({
    problem: idText(row.problem_id),
    oldestNs: BigInt(row.oldest_ns),
    newest: { uuid: row.newest_uuid, timeNs: BigInt(row.newest_ns) },
    explanation: row.newest_explanation,
    agreement: row.newest_agreement,
    change: row.newest_change === "" ? null : (JSON.parse(row.newest_change) as ChangeMark),
    samples: row.samples.map(([timeNs, uuid]) => ({ uuid, timeNs: BigInt(timeNs) })),
    pods: someNames(row.pods, row.pod_count),
    nodes: someNames(row.nodes, row.node_count),
    peers: someNames(row.peers, row.peer_count),
  }));
}

const someNames = (names: string[], count: string): SomeNames => ({ names, count: Number(count) });

const isEverything = ({ selection: { allow, deny } }: BundleQuery): boolean =>
  allow.length === 0 && deny.length === 0;

function explainedWhere(query: BundleQuery, params: Params): string {
  const range = rangeSql(query, params);
  if (isEverything(query)) return range;
  const flows = whereOf({ ...query, viewer: LOCAL_VIEWER }, params);
  return and([range, `(time, uuid) IN (SELECT time, uuid FROM flows WHERE ${flows})`]);
}
