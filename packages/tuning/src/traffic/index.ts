export {
  connectionOfEdge,
  EDGE_UNKNOWNS,
  type EdgeConnection,
  type EdgeUnknown,
} from "./connection.js";
export { evidenceOf, type UnknownEdges } from "./evidence.js";
export { createFold, foldFlows, type FoldOptions, MOST_EDGES, type TrafficFold } from "./fold.js";
export { edgeId, toldOf } from "./told.js";
