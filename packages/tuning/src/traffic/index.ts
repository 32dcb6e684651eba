export {
  connectionOfEdge,
  EDGE_UNKNOWNS,
  type EdgeConnection,
  type EdgeUnknown,
} from "./connection.js";
export { evidenceOf, type UnknownEdges } from "./evidence.js";
export { createFold, foldFlows, type FoldOptions, type TrafficFold } from "./fold.js";
export { edgeId, layerTold, podNamesOf, toldOf } from "./told.js";
