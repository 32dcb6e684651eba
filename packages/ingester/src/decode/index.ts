export { createDecoder } from "./decoder.js";
export { gapOfLostEvents } from "./envelope.js";
export { createGapBlockBuilder, gapId } from "./gaps.js";
export { REDACTED, redactSummary, redactUrl } from "./redact.js";
export { dayOf } from "./time.js";
export * from "./types.js";
