import type { LintRule } from "../../rule.js";

/** NP0xx: invalid or inert. */
export const INVALID_RULES: readonly LintRule[] = [];
