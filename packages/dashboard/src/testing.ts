export { createTestClock, type TestClock } from "./testing/clock.js";
export { coverageOf } from "./testing/coverage.js";
export { dropAt, flowAt } from "./testing/flows.js";
export { createMemoryReader, type LandedFlow, type MemoryReader } from "./testing/memory-reader.js";
export { serveDashboard, type ServedDashboard } from "./testing/serve.js";
export { openRawSocket, type RawSocket } from "./testing/raw-socket.js";
export { createMemoryKnowledge, type MemoryKnowledge } from "./testing/memory-knowledge.js";
export { explanationAt, problemAt } from "./testing/problems.js";
export { createTuningThread } from "./tuning/tuning-thread.js";
