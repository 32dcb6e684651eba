import type { Moment } from "@dropscope/correlator";
import type { ObservedEdge, ObservedTraffic } from "@dropscope/model";
import type { Connection, Decision, Engine, EndpointId } from "@dropscope/policy";
import { connectionOfEdge } from "../traffic/index.js";

/** An edge that policies can judge, with what those in force say. */
export interface JudgedEdge {
  readonly edge: ObservedEdge;
  readonly connection: Connection;
  readonly from: EndpointId;
  readonly to: EndpointId;
  readonly before: Decision;
}

/** Counts of edges that cannot be judged, by why. */
export type UnknownCounts = Map<string, { edges: number; flows: number }>;

export function judgeEdges(
  { edges }: ObservedTraffic,
  moment: Moment,
  engine: Engine,
): { readonly judged: JudgedEdge[]; readonly unknown: UnknownCounts } {
  const judged: JudgedEdge[] = [];
  const unknown: UnknownCounts = new Map();
  for (const edge of edges) {
    const told = connectionOfEdge(edge, moment);
    if (!told.known) {
      countUnknown(unknown, told.why, edge.flows);
      continue;
    }
    const { connection } = told;
    const [from, to] = [engine.intern(connection.from), engine.intern(connection.to)];
    const { protocol, port } = connection;
    const before = engine.decideInterned(from, to, protocol, port);
    judged.push({ edge, connection, from, to, before });
  }
  return { judged, unknown };
}

export function countUnknown(into: UnknownCounts, why: string, flows: number): void {
  const known = into.get(why) ?? { edges: 0, flows: 0 };
  into.set(why, { edges: known.edges + 1, flows: known.flows + flows });
}
