export { createEnforcementAudit, type AuditOptions, type EnforcementAudit } from "./audit.js";
