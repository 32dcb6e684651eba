export * from "./explain.js";
export * from "./explanation.js";
export { explanationJson, type ExplanationJson } from "./json.js";
export { gotText, wantedText } from "./failure-text.js";
export { ruleScopeText } from "./nearest-text.js";
export { nearLabel } from "./near-label.js";
export { targetNumber } from "./port-hints.js";
export { sentence } from "./sentence.js";
export { listed, peerText as peerWords, portText as portWords } from "./text.js";
