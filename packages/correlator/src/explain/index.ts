export { catalogOfManifests, type History } from "./catalog.js";
export { createExplainer, type Explainer, type ExplainerOptions } from "./explainer.js";
export { explainFlow, type ExplainOptions } from "./explain-flow.js";
export {
  createDropPairs,
  type DropPairs,
  type DropPairsOptions,
  type PairedDrop,
  withAttribution,
} from "./pairs.js";
export { isAudited, isExplained } from "./packet.js";
export { explainByStore } from "./past.js";
export { explanationLine, type ExplanationLine } from "./line.js";
