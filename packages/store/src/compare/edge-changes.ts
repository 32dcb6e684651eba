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

function sqlOf(query: CompareQuery, limit: number, params: Params): string {
  const seconds = ({ since, until }: CompareQuery["before"]): string =>
    // Both ends count, so that no range is of no length.
    `(${params.add("UInt64", (until - since) / 1_000_000n + 1n)} / 1000)`;
  const rate = (name: string): string =>
    `(a_${name} / ${seconds(query.after)} - b_${name} / ${seconds(query.before)})`;
  const grouped = `SELECT src AS client, dst AS server, protocol, port,
      ${sideSums("b")}, ${sideSums("a")}
    FROM (${edgeRows(query, KINDS, params)})
    GROUP BY client, server, protocol, port HAVING b_total + a_total > 0`;
  const doubled = `(abs(toInt64(a_dropped) - toInt64(b_dropped)) >= ${LEAST_DROPS}
      AND (a_dropped / ${seconds(query.after)} >= 2 * b_dropped / ${seconds(query.before)}
        OR b_dropped / ${seconds(query.before)} >= 2 * a_dropped / ${seconds(query.after)}))`;
  const judged = `SELECT *, multiIf(b_total = 0, 'new', a_total = 0, 'vanished', ${stateSql("b")} != ${stateSql("a")}, 'verdict',
        ${doubled}, 'drops', 'same') AS kind,
      abs(${rate("dropped")}) AS drop_shift, abs(${rate("total")}) AS shift
    FROM (${grouped})`;
  const placed = `SELECT *, count() OVER (PARTITION BY kind) AS total,
      row_number() OVER (PARTITION BY kind ORDER BY drop_shift DESC, shift DESC, client, server, protocol, port) AS place
    FROM (${judged})`;
  return `SELECT kind, total, client, server, protocol, port,
      (toString(b_forwarded), toString(b_audited), toString(b_dropped), ${stateSql("b")}, ${reasonSql("b")}) AS before,
      (toString(a_forwarded), toString(a_audited), toString(a_dropped), ${stateSql("a")}, ${reasonSql("a")}) AS after
    FROM (${placed})
    WHERE place <= if(kind = 'same', 1, ${params.add("UInt64", BigInt(limit))})
    ORDER BY indexOf([${EDGE_CHANGES.map((kind) => `'${kind}'`).join(", ")}], kind), place`;
}

/** A packet may be told by what the data path did and by a policy verdict (event type 5): what there is more of counts. */
function sideSums(name: "b" | "a"): string {
  const within = name === "b" ? "is_before" : "is_after";
  const sum = (what: string): string =>
    `greatest(sumIf(weight, ${within} AND ${what} AND event_type != 5), sumIf(weight, ${within} AND ${what} AND event_type = 5))`;
  return `${sum("verdict IN (1, 5)")} AS ${name}_forwarded, ${sum("verdict = 4")} AS ${name}_audited,
      ${sum("verdict = 2")} AS ${name}_dropped, ${name}_forwarded + ${name}_audited + ${name}_dropped AS ${name}_total,
      sumMapIf([drop_reason], [weight], ${within} AND verdict = 2) AS ${name}_reasons`;
}

function stateSql(name: "b" | "a"): string {
  const [none, forwarded, audited, mixed, dropped] = EDGE_STATES;
  return `multiIf(${name}_dropped > 0 AND ${name}_forwarded + ${name}_audited > 0, '${mixed}', ${name}_dropped > 0, '${dropped}',
    ${name}_audited > 0, '${audited}', ${name}_forwarded > 0, '${forwarded}', '${none}')`;
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
