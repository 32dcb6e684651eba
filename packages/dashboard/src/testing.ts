export { type LandedFlow, type MemoryReader, createMemoryReader } from "./testing/memory-reader.js";
export { createTestClock, type TestClock } from "./testing/clock.js";
export { coverageOf } from "./testing/coverage.js";
