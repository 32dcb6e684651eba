export { defaultDenyYaml } from "./default-deny.js";
export { readinessOf, type ReadinessOptions } from "./readiness.js";
