import type { LintRule } from "../../rule.js";

/** NP2xx: over-permissive or suspicious. */
export const LOOSE_RULES: readonly LintRule[] = [];
