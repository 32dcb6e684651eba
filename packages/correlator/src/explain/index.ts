export { catalogOfManifests, type History } from "./catalog.js";
export { clusterOf, endOf, type FlowEnd, type Side, type Surroundings } from "./ends.js";
export { createExplainer, type Explainer, type ExplainerOptions } from "./explainer.js";
export { explainFlow, type ExplainOptions } from "./explain-flow.js";
export {
  createDropPairs,
  type DropPairs,
  type DropPairsOptions,
  type PairedDrop,
  withAttribution,
} from "./pairs.js";
export { type Moment, momentAt } from "./moment.js";
export { isAudited, isExplained, isL7, type Layer, layerOf, statedDirection } from "./packet.js";
export { plainFlow } from "./plain-flow.js";
export { explainByStore } from "./past.js";
export { explanationLine, type ExplanationLine } from "./line.js";
