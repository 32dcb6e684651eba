import {
  DROP_REASONS,
  EDGE_CHANGES,
  EDGE_STATES,
  type EdgeChange,
  type EdgeChangeKind,
  type EdgeSide,
  type EdgeState,
  enumName,
  type Peer,
} from "@dropscope/model";
import type { EdgeKinds } from "../read/edge-source.js";
import { Params } from "../read/params.js";
import type { Runner } from "../read/run.js";
import { edgeRows } from "./rows.js";
import type { CompareQuery, EdgeChanges } from "./types.js";

/** Of each kind, for one answer. */
const MOST_EDGES = 1000;
/** Fewer drops than this that come or go are chance. */
const LEAST_DROPS = 10;

/** Forwarded, dropped, audited, redirected. */
const KINDS: EdgeKinds = { flows: "verdict IN (1, 2, 4, 5)", rollup: "verdict IN (1, 2, 4, 5)" };

interface ChangeRow {
  kind: EdgeChangeKind | "same";
  total: string;
  client: [Peer["kind"], string, string];
  server: [Peer["kind"], string, string];
  protocol: string;
  port: number;
  before: SideRow;
  after: SideRow;
}

/** forwarded, audited, dropped, state, the most frequent reason (0 for none) */
type SideRow = [string, string, string, EdgeState, number];

/**
 * Edges whose traffic differs. What an edge is called, and which end is the client, is told by each
 * flow for itself, so that a pod's address that another pod has later is not one edge with it.
 */
export async function edgeChanges(
  run: Runner,
  query: CompareQuery & { readonly limit: number },
  signal: AbortSignal | undefined,
): Promise<EdgeChanges> {
  const params = new Params();
  const limit = Math.max(1, Math.min(MOST_EDGES, Math.floor(query.limit)));
  const rows = await run.rows<ChangeRow>(sqlOf(query, limit, params), params, signal);
  const counts = { verdict: 0, drops: 0, new: 0, vanished: 0, same: 0 };
  for (const { kind, total } of rows) counts[kind] = Number(total);
  const edges = rows.flatMap((row) => (row.kind === "same" ? [] : [changeOf(row, row.kind)]));
  return { edges, counts };
}

/**
 * In steps that each name a column once: the engine looks through everything below for every
 * mention of a column, and ends that are named from flows are much to look through.
 */
function sqlOf(query: CompareQuery, limit: number, params: Params): string {
  const seconds = ({ since, until }: CompareQuery["before"]): string =>
    // Both ends count, so that no range is of no length.
    `(${params.add("UInt64", (until - since) / 1_000_000n + 1n)} / 1000)`;
  const classed = `SELECT src AS client, dst AS server, protocol, port, drop_reason, ${CLASS} AS class,
      is_before, is_after, weight * is_before AS b_weight, weight * is_after AS a_weight
    FROM (${edgeRows(query, KINDS, params)})`;
  const grouped = `SELECT ${EDGE}, ${sideSums("b")}, ${sideSums("a")} FROM (${classed}) GROUP BY ${EDGE}`;
  const told = `SELECT ${EDGE}, b, a, ${stateSql("b")} AS b_state, ${stateSql("a")} AS a_state,
      ${reasonSql("b")} AS b_reason, ${reasonSql("a")} AS a_reason,
      b.3 / ${seconds(query.before)} AS b_drops, a.3 / ${seconds(query.after)} AS a_drops,
      abs((a.1 + a.2 + a.3) / ${seconds(query.after)} - (b.1 + b.2 + b.3) / ${seconds(query.before)}) AS shift
    FROM (${grouped})`;
  const doubled = `(abs(toInt64(a.3) - toInt64(b.3)) >= ${LEAST_DROPS} AND (a_drops >= 2 * b_drops OR b_drops >= 2 * a_drops))`;
  const judged = `SELECT ${EDGE}, b, a, b_state, a_state, b_reason, a_reason, shift, abs(a_drops - b_drops) AS drop_shift,
      multiIf(b_state = '${NONE}', 'new', a_state = '${NONE}', 'vanished', b_state != a_state, 'verdict', ${doubled}, 'drops', 'same') AS kind
    FROM (${told}) WHERE b_state != '${NONE}' OR a_state != '${NONE}'`;
  const placed = `SELECT *, count() OVER (PARTITION BY kind) AS total,
      row_number() OVER (PARTITION BY kind ORDER BY drop_shift DESC, shift DESC, ${EDGE}) AS place
    FROM (${judged})`;
  return `SELECT kind, total, ${EDGE},
      (toString(b.1), toString(b.2), toString(b.3), b_state, b_reason) AS before,
      (toString(a.1), toString(a.2), toString(a.3), a_state, a_reason) AS after
    FROM (${placed})
    WHERE place <= if(kind = 'same', 1, ${params.add("UInt64", BigInt(limit))})
    ORDER BY indexOf([${EDGE_CHANGES.map((kind) => `'${kind}'`).join(", ")}], kind), place`;
}

const EDGE = "client, server, protocol, port";
const [NONE, FORWARDED, AUDITED, MIXED, DROPPED] = EDGE_STATES;

/** Twice what became of a flow (forwarded, audited, dropped), and one more where a policy verdict tells it (event type 5). */
const CLASS = "multiIf(verdict = 4, 2, verdict = 2, 4, 0) + (event_type = 5)";

/**
 * Forwarded, audited and dropped, and the reasons. A packet may be told by what the data path did
 * and by a policy verdict: what there is more of counts.
 */
function sideSums(name: "b" | "a"): string {
  const sum = (first: number): string =>
    `greatest(sumIf(${name}_weight, class = ${first}), sumIf(${name}_weight, class = ${first + 1}))`;
  const within = name === "b" ? "is_before" : "is_after";
  return `(${sum(0)}, ${sum(2)}, ${sum(4)}) AS ${name}, sumMapIf([drop_reason], [${name}_weight], ${within} AND class >= 4) AS ${name}_reasons`;
}

function stateSql(name: "b" | "a"): string {
  return `multiIf(${name}.3 > 0 AND ${name}.1 + ${name}.2 > 0, '${MIXED}', ${name}.3 > 0, '${DROPPED}',
    ${name}.2 > 0, '${AUDITED}', ${name}.1 > 0, '${FORWARDED}', '${NONE}')`;
}

/** Of equally frequent reasons the one with the smallest number. */
function reasonSql(name: "b" | "a"): string {
  const [reasons, weights] = [`${name}_reasons.1`, `${name}_reasons.2`];
  return `if(empty(${reasons}), 0, ${reasons}[indexOf(${weights}, arrayMax(${weights}))])`;
}

function changeOf(row: ChangeRow, change: EdgeChangeKind): EdgeChange {
  const peer = ([kind, namespace, name]: ChangeRow["client"]): Peer => ({ kind, namespace, name });
  const protocol = row.protocol === "none" ? "" : row.protocol;
  return {
    id: [...row.client, ...row.server, protocol, row.port].join("|"),
    change,
    client: peer(row.client),
    server: peer(row.server),
    protocol,
    port: row.port,
    before: sideOf(row.before),
    after: sideOf(row.after),
  };
}

function sideOf([forwarded, audited, dropped, state, reason]: SideRow): EdgeSide {
  return {
    state,
    forwarded: Number(forwarded),
    audited: Number(audited),
    dropped: Number(dropped),
    reason: reason === 0 ? "" : String(enumName(DROP_REASONS, reason)),
  };
}
