import { FIRST_CLIENT_PORT, ICMP_ERRORS, POD_OWNER_PATTERN } from "@dropscope/model";
import { type EndColumn, isPresent, type Side, type ViewerColumns } from "../read/columns.js";
import { FLOW_WEIGHT } from "../read/drop-count.js";
import { and, or } from "../read/sql.js";

/** Keys of what is no edge. Others are hashes, and none of these by any chance that counts. */
export const UNPLACED = 0;
export const ASIDE = 1;

/** What stands for the name of a pod in `rowColumns`; UInt64. */
export const podHash = (pod: string): string => `cityHash64(${pod})`;

/**
 * What the fold reads of each flow, as columns of a SELECT over `flows`; the twin of `orientFlow` and of
 * `edgeKey`. Texts are hashed by themselves first, which the engine does once for each word of a
 * dictionary, so that the rows are told apart by numbers alone.
 *
 * - `turned`: 1 for an answer
 * - `key`: of the edge, UInt64
 * - `weight`, `hour` (since 1970), `judged` (1 for a policy verdict), `starts` (1 for a first packet by its flags)
 * - `rank`: greatest for what stands for the edge: no answer, then the newest; UInt64
 * - `src_name`, `dst_name`: hashes of who was there
 */
export function rowColumns(columns: ViewerColumns): string {
  const column = (side: Side, name: EndColumn, empty: string): string =>
    columns.of(side, name, empty);
  const hashed = (side: Side, name: EndColumn): string => `cityHash64(${column(side, name, "''")})`;
  const end = (side: Side): string => {
    const pod = column(side, "pod", "''");
    const workload = column(side, "workload", "''");
    const owner = `extract(${pod}, '${POD_OWNER_PATTERN}')`;
    const labels = column(side, "labels", "0");
    const names = column(side, "names", "[]");
    return `cityHash64(${[
      labels,
      hashed(side, "cluster"),
      `cityHash64(${side}_namespace)`,
      `if(${workload} != '', ${hashed(side, "workload")}, cityHash64(${owner}))`,
      `if(${pod} = '', cityHash64(${column(side, "ip", "toIPv6('::')")}, ${names}), 0)`,
      `if(${labels} = 0, cityHash64(${column(side, "identity", "0")}, ${hashed(side, "pod")}), 0)`,
    ].join(", ")})`;
  };
  const icmp = "protocol IN ('ICMPv4', 'ICMPv6')";
  const hour = "toUInt32(intDiv(toUnixTimestamp64Nano(time), 3600000000000))";
  const noEdge = `multiIf(verdict NOT IN (1, 2, 4, 5), ${ASIDE}, NOT ${isPlaced(columns)}, ${UNPLACED}, ${isBeforeTranslation(columns)} OR ${ICMP_ERROR}, ${ASIDE}, 2)`;
  return `${FLOW_WEIGHT} AS weight, ${hour} AS hour, event_type = 5 AS judged,
    ${IS_ANSWER} AS turned,
    ${end("src")} AS src_end, ${end("dst")} AS dst_end,
    if(turned, dst_end, src_end) AS client, if(turned, src_end, dst_end) AS server,
    multiIf(${icmp}, ${ICMP_TYPE}, turned, src_port, dst_port) AS port,
    multiIf(verdict = 2, 2, verdict = 4, 4, 1) AS outcome,
    if(${hashed("src", "cluster")} = ${hashed("dst", "cluster")}, 0, direction) AS seen_at,
    ${noEdge} AS kind,
    if(kind < 2, toUInt64(kind), cityHash64(client, server, protocol, port, outcome, seen_at)) AS key,
    turned = 0 AND judged = 0 AND protocol = 'TCP' AND bitAnd(tcp_flags, 18) = 2 AS opens,
    bitOr(toUInt64(greatest(0, toUnixTimestamp64Nano(time))), if(turned, toUInt64(0), bitShiftLeft(toUInt64(1), 63))) AS rank,
    ${podHash(column("src", "pod", "''"))} AS src_name, ${podHash(column("dst", "pod", "''"))} AS dst_name`;
}

const PORTED = "protocol IN ('TCP', 'UDP', 'SCTP')";

/** Bits 2 and 16 are SYN and ACK. */
const IS_ANSWER = `multiIf(reply = 'yes', 1, reply = 'no', 0, ${isPresent("replyFlag")}, 1,
      protocol = 'TCP' AND bitAnd(tcp_flags, 2) != 0, bitAnd(tcp_flags, 16) != 0,
      event_type = 4 AND ${PORTED} AND dst_port >= ${FIRST_CLIENT_PORT} AND src_port > 0 AND src_port < ${FIRST_CLIENT_PORT}, 1, 0)`;

function isBeforeTranslation(columns: ViewerColumns): string {
  return and([
    "NOT turned",
    "event_type = 4",
    "dst_service != ''",
    columns.serviceInScope("dst"),
    `${columns.of("dst", "pod", "''")} = ''`,
  ]);
}

const ICMP_ERROR = `(verdict != 2 AND (${(["ICMPv4", "ICMPv6"] as const)
  .map((name) => `protocol = '${name}' AND icmp_type IN (${ICMP_ERRORS[name].join(", ")})`)
  .join(" OR ")}))`;

/** Of an echo reply, the type of the request. */
const ICMP_TYPE =
  "multiIf(turned AND protocol = 'ICMPv4' AND icmp_type = 0, 8, turned AND protocol = 'ICMPv6' AND icmp_type = 129, 128, icmp_type)";

function isPlaced(columns: ViewerColumns): string {
  const isThere = (side: Side): string =>
    or([
      `${columns.of(side, "ip", "toIPv6('::')")} != toIPv6('::')`,
      `${columns.of(side, "labels", "0")} != 0`,
      `${columns.of(side, "pod", "''")} != ''`,
      `${side}_namespace != ''`,
      `${columns.of(side, "identity", "0")} != 0`,
    ]);
  return and([
    "protocol IN ('TCP', 'UDP', 'SCTP', 'ICMPv4', 'ICMPv6')",
    isThere("src"),
    isThere("dst"),
  ]);
}
