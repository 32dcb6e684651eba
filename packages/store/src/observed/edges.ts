import {
  compareEdges,
  EDGE_OUTCOMES,
  type EdgeOutcome,
  enumText,
  type Flow,
  MOST_NAMES,
  type NamedPolicy,
  type ObservedEdge,
  type ObservedEnd,
  VERDICTS,
} from "@dropscope/model";
import type { FoldedRow } from "./folded.js";
import type { ToldRequest } from "./requests.js";

/** What was read of edges apart from the fold, each by the edge's key. */
export interface EdgeParts {
  readonly flows: ReadonlyMap<string, Flow>;
  readonly requests: ReadonlyMap<string, readonly ToldRequest[]>;
  readonly named: ReadonlyMap<string, readonly NamedPolicy[]>;
}

/** An edge whose flow has been deleted meanwhile is left out. */
export function edgesOf(rows: readonly FoldedRow[], parts: EdgeParts): ObservedEdge[] {
  return rows
    .flatMap((row) => {
      const flow = parts.flows.get(row.key);
      return flow === undefined ? [] : [edgeOf(row, flow, parts)];
    })
    .sort(compareEdges);
}

function edgeOf(row: FoldedRow, flow: Flow, { requests, named }: EdgeParts): ObservedEdge {
  const { key, flows, verdicts } = row;
  const byVerdict = row.hours[0].map((hour) => hour % 2);
  // A packet may be told twice: the hours are those of whichever there is more of.
  const counted = 2 * Number(verdicts) > sumOf(row) ? 1 : 0;
  const hours = [...new Set(row.hours[0].map((hour) => Math.floor(hour / 2)))];
  const counts = new Map(
    row.hours[0].flatMap((hour, at): [number, number][] =>
      byVerdict[at] === counted ? [[Math.floor(hour / 2), row.hours[1][at] ?? 0]] : [],
    ),
  );
  return {
    flow,
    outcome: outcomeOf(flow),
    flows: Number(flows),
    starts: Number(row.starts),
    replies: Number(row.replies),
    firstNs: BigInt(row.first_ns),
    lastNs: BigInt(row.last_ns),
    hours,
    hourFlows: hours.map((hour) => counts.get(hour) ?? 0),
    sources: endOf(flow, "source", row.clients, row.client_pods),
    destinations: endOf(flow, "destination", row.servers, row.server_pods),
    requests: requests.get(key) ?? [],
    named: named.get(key) ?? [],
  };
}

function sumOf({ hours }: FoldedRow): number {
  return hours[1].reduce((all, one) => all + one, 0);
}

function outcomeOf(flow: Flow): EdgeOutcome {
  const [forwarded, dropped, audited] = EDGE_OUTCOMES;
  const verdict = enumText(VERDICTS, flow.verdict);
  return verdict === "DROPPED" ? dropped : verdict === "AUDIT" ? audited : forwarded;
}

function endOf(
  flow: Flow,
  side: "source" | "destination",
  count: string,
  pods: readonly string[],
): ObservedEnd {
  const { pod_name: pod = "", namespace = "" } = flow[side] ?? {};
  if (pod === "") {
    const address = flow.IP?.[side] ?? "";
    return address === "" ? { count: 0, names: [] } : { count: 1, names: [address] };
  }
  const names = pods.filter((one) => one !== "").map((one) => `${namespace}/${one}`);
  return { count: Number(count), names: names.sort().slice(0, MOST_NAMES) };
}
