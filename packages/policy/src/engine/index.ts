export {
  createEngine,
  type EndpointId,
  type Engine,
  type EngineOptions,
  type EngineStats,
  type References,
} from "./engine.js";
export type { PolicyVersion, ReferenceVersion, Validity } from "./versions.js";
