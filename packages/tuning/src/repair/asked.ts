import type { Moment } from "@dropscope/correlator";
import type { Flow } from "@dropscope/model";
import { connectionOfEdge, type EdgeConnection, foldFlows } from "../traffic/index.js";

/**
 * The connection of a flow that was denied, as policies see it, or why that cannot be told. A refusal may be
 * logged with the answer, which goes the other way: it is turned round.
 */
export function connectionOfFlow(flow: Flow, moment: Moment): EdgeConnection {
  // Whoever asks knows that it was denied; what only passes by is no connection otherwise.
  const [edge] = foldFlows([{ ...flow, verdict: "DROPPED" }]).edges;
  return edge === undefined
    ? { known: false, why: "the flow does not tell protocol and port" }
    : connectionOfEdge(edge, moment);
}
