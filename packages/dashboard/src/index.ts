export { API_ROUTES } from "./api/routes.js";
export { openApi } from "./api/openapi.js";
export type { ApiRoute } from "./api/route.js";
export { type DashboardOptions, DEFAULT_LIMITS, type Limits, type Listen } from "./config.js";
export type { Knowledge } from "./knowledge.js";
export { createDashboard, type Dashboard } from "./dashboard.js";
export { CSP } from "./http/security.js";
export { type MissingPart, missingParts } from "./http/health.js";
export { CLIENT_EVENTS } from "./live/events.js";
