import type { LintRule } from "../../rule.js";

/** AN0xx: AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy. */
export const ADMIN_RULES: readonly LintRule[] = [];
