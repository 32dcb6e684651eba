// Fakes and helpers that ship beside the real thing: `@dropscope/ingester/testing`.
export * from "./testing/clock.js";
export * from "./testing/fast-clock.js";
export * from "./testing/test-pipeline.js";
export * from "./testing/fake-relay.js";
export * from "./testing/memory-door.js";
export * from "./testing/mint.js";
export * from "./testing/node-ring.js";
export * from "./testing/object-decoder.js";
export * from "./testing/until.js";
