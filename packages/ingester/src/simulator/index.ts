export { INCIDENTS, incidentsNamed } from "./incidents/catalog.js";
export { INCIDENT_NAMES, type Incident, type IncidentName } from "./incidents/types.js";
export { CYCLE_SECONDS } from "./incidents/schedule.js";
export type { SimulatorOptions } from "./options.js";
export type {
  AskedConnection,
  AskedEnd,
  EngineVerdict,
  PolicyEngine,
  PolicyFile,
} from "./policies/engine.js";
export type { EditOutcome } from "./policies/scene.js";
export { writeIncidentVersions } from "./policies/write.js";
export type { ServerTls } from "./server/credentials.js";
export type { SortBuffer } from "./server/relay.js";
export { createSimulator, type Simulator } from "./simulator.js";
export { startLoadSource, type LoadOptions, type LoadSource } from "./load/source.js";

/** The load source as a program: `--port --rate --total --seed --distinct`. */
export const LOAD_MAIN = new URL("./load/load-main.js", import.meta.url);
