import type { LintRule } from "../../rule.js";

/** NP3xx: redundant. */
export const REDUNDANT_RULES: readonly LintRule[] = [];
