import type { Evidence, ObservedTraffic } from "@dropscope/model";

/** Edges that could not be judged, by why. */
export interface UnknownEdges {
  readonly why: string;
  readonly edges: number;
  readonly flows: number;
}

const HOUR_MS = 3_600_000;

/** How far an answer made from the traffic can be trusted. */
export function evidenceOf(traffic: ObservedTraffic, unknown: readonly UnknownEdges[]): Evidence {
  const { sinceNs, untilNs, flows, edges, left, unplaced, gaps } = traffic;
  const [from, to] = [Number(sinceNs / 1_000_000n), Number(untilNs / 1_000_000n)];
  const isEmpty = flows === 0;
  const hours = hoursOf(from, to);
  return {
    from,
    to,
    firstSeen: isEmpty ? null : Number(traffic.firstNs / 1_000_000n),
    lastSeen: isEmpty ? null : Number(traffic.lastNs / 1_000_000n),
    flows,
    edges: edges.length,
    hoursSeen: Math.min(traffic.hours.length, hours),
    hours,
    gaps,
    unknown: [
      ...unknown,
      ...(unplaced === 0
        ? []
        : [{ why: "the flow does not tell of a connection", edges: 0, flows: unplaced }]),
    ],
    left,
  };
}

/** Hours that the range touches. */
function hoursOf(from: number, to: number): number {
  if (to < from) return 0;
  return Math.floor(to / HOUR_MS) - Math.floor(from / HOUR_MS) + 1;
}
