/** What is different between two ranges, found by looking at every flow: slow and obvious. */
import {
  compileSelection,
  DROP_REASONS,
  type EdgeChangeKind,
  type EdgeState,
  enumNumber,
  type Flow,
  type FlowSelection,
  parseTimeNs,
  peerOf,
} from "@dropscope/model";

export interface TwinRange {
  readonly since: bigint;
  readonly until: bigint;
}

interface TwinSide {
  state: EdgeState;
  forwarded: number;
  audited: number;
  dropped: number;
  reason: string;
}

export interface TwinEdge {
  readonly id: string;
  readonly change: EdgeChangeKind | "same";
  readonly before: TwinSide;
  readonly after: TwinSide;
}

const KNOWN = new Set(["FORWARDED", "DROPPED", "AUDIT", "REDIRECTED"]);

/** Every edge of either range, by id. */
export function compareTwin(
  flows: readonly Flow[],
  selection: FlowSelection,
  before: TwinRange,
  after: TwinRange,
): Map<string, TwinEdge> {
  const passes = compileSelection(selection, {
    regex: (pattern) => new RegExp(pattern),
  });
  const edges = new Map<string, [Flow[], Flow[]]>();
  for (const flow of flows) {
    if (!passes(flow) || !KNOWN.has(String(flow.verdict))) continue;
    const at = parseTimeNs(flow.time ?? "") ?? 0n;
    for (const [side, { since, until }] of [before, after].entries())
      if (at >= since && at <= until) {
        const pair = edges.get(idOf(flow)) ?? [[], []];
        edges.set(idOf(flow), pair);
        pair[side]?.push(flow);
      }
  }
  const found = new Map<string, TwinEdge>();
  for (const [id, [first, second]] of edges) {
    const [was, is] = [sideOf(first), sideOf(second)];
    if (total(was) + total(is) === 0) continue;
    found.set(id, { id, change: changeOf(was, is, before, after), before: was, after: is });
  }
  return found;
}

function idOf(flow: Flow): string {
  const reply = flow.is_reply === true;
  const [protocol = ""] = Object.keys(flow.l4 ?? {});
  const ports = flow.l4?.TCP ?? flow.l4?.UDP ?? flow.l4?.SCTP;
  const port = (reply ? ports?.source_port : ports?.destination_port) ?? 0;
  const [client, server] = reply
    ? [peerOf(flow, "destination"), peerOf(flow, "source")]
    : [peerOf(flow, "source"), peerOf(flow, "destination")];
  const name = ({ kind, namespace, name }: typeof client): string[] => [kind, namespace, name];
  return [...name(client), ...name(server), protocol, port].join("|");
}

function sideOf(flows: readonly Flow[]): TwinSide {
  const told = (verdicts: readonly string[]): number => {
    const some = flows.filter(({ verdict }) => verdicts.includes(String(verdict)));
    const verdictEvents = some.filter(({ event_type }) => event_type?.type === 5).length;
    return Math.max(verdictEvents, some.length - verdictEvents);
  };
  const side = {
    forwarded: told(["FORWARDED", "REDIRECTED"]),
    audited: told(["AUDIT"]),
    dropped: told(["DROPPED"]),
  };
  const reasons = new Map<string, number>();
  for (const { verdict, drop_reason_desc: reason = "" } of flows)
    if (verdict === "DROPPED") reasons.set(String(reason), (reasons.get(String(reason)) ?? 0) + 1);
  // Of equally frequent ones the smallest number.
  const number = (reason: string): number => enumNumber(DROP_REASONS, reason) ?? 0;
  const [most] = [...reasons].toSorted((a, b) => b[1] - a[1] || number(a[0]) - number(b[0]));
  return { ...side, state: stateOf(side), reason: most?.[0] ?? "" };
}

function stateOf({ forwarded, audited, dropped }: Omit<TwinSide, "state" | "reason">): EdgeState {
  if (dropped > 0) return forwarded + audited > 0 ? "mixed" : "dropped";
  if (audited > 0) return "audited";
  return forwarded > 0 ? "forwarded" : "none";
}

const total = ({ forwarded, audited, dropped }: TwinSide): number => forwarded + audited + dropped;

function changeOf(
  was: TwinSide,
  is: TwinSide,
  before: TwinRange,
  after: TwinRange,
): TwinEdge["change"] {
  if (total(was) === 0) return "new";
  if (total(is) === 0) return "vanished";
  if (was.state !== is.state) return "verdict";
  const length = ({ since, until }: TwinRange): number => Number((until - since) / 1_000_000n) + 1;
  const [first, second] = [was.dropped / length(before), is.dropped / length(after)];
  const isOther = first >= 2 * second || second >= 2 * first;
  return Math.abs(was.dropped - is.dropped) >= 10 && isOther ? "drops" : "same";
}
