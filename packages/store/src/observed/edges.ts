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
import { hoursOf } from "./hours.js";
import type { ToldRequest } from "./requests.js";

/** What was read of edges apart from the fold, each by the edge's key. */
export interface EdgeParts {
  readonly flows: ReadonlyMap<string, Flow>;
  readonly requests: ReadonlyMap<string, readonly ToldRequest[]>;
  readonly named: ReadonlyMap<string, readonly NamedPolicy[]>;
  /** By their hashes. */
  readonly pods: ReadonlyMap<string, string>;
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

function edgeOf(row: FoldedRow, flow: Flow, { requests, named, pods }: EdgeParts): ObservedEdge {
  const { key, flows, told, verdicts } = row;
  const namesOf = (hashes: readonly string[]): string[] =>
    hashes.map((hash) => pods.get(hash) ?? "");
  return {
    flow,
    outcome: outcomeOf(flow),
    flows: Number(flows),
    starts: Number(row.starts),
    replies: Number(row.replies),
    firstNs: BigInt(row.first_ns),
    lastNs: BigInt(row.last_ns),
    // A packet may be told twice: the hours are those of whichever there is more of.
    ...hoursOf(row, 2 * Number(verdicts) > Number(told)),
    sources: endOf(flow, "source", row.clients, namesOf(row.client_pods)),
    destinations: endOf(flow, "destination", row.servers, namesOf(row.server_pods)),
    requests: requests.get(key) ?? [],
    named: named.get(key) ?? [],
  };
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
