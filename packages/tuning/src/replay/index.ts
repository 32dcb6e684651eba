export { type Candidate, candidateOf, policiesByObject, readCandidate } from "./candidate.js";
export { lintCandidate } from "./lint.js";
export { applyPatch, type FileChange, readPatch } from "./patch.js";
export { createReplayer, replay, type Replayer } from "./replayer.js";
