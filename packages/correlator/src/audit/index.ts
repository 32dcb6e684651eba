export { createEnforcementAudit, type AuditOptions, type EnforcementAudit } from "./audit.js";
export { openWorkloads } from "./open-workloads.js";
