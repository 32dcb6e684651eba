export {
  connectionCount,
  type ConnectionSet,
  EVERYTHING,
  includes,
  isEverything,
  isNothing,
  type ListProtocol,
  sameConnections,
  intersect as intersectConnections,
  subtract as subtractConnections,
} from "./connection-set.js";
export { type ChangeType, type ConnectionChange, connectionDiff } from "./diff.js";
export { type End, INGRESS_CONTROLLER, type WorkloadEnd } from "./ends.js";
export { type ExposedTo, type Exposure, exposure } from "./exposure/exposure.js";
export { type Focus, NO_FOCUS, parseFocusConnection } from "./focus.js";
export {
  type ConnectionList,
  connectionList,
  type ConnectionOptions,
  type ListedConnection,
} from "./list.js";
export { type ListFormat, renderConnections } from "./render/connections.js";
export { type DiffFormat, renderDiff } from "./render/diff.js";
export { type ExposureFormat, renderExposure } from "./render/exposure.js";
export { connectionText, parseConnectionText } from "./set-text.js";
export {
  explainConnections,
  type ExplainedPair,
  type ExplainedPart,
  type ExplainedSide,
} from "./explain/explain.js";
export { connectionRefusals } from "./refusals.js";
export { createJudge, type Judge } from "./judge.js";
export { allowedBySide, type Side as JudgedSide } from "./side.js";
