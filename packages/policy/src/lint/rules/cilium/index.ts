import type { LintRule } from "../../rule.js";

/** CN0xx: what only Cilium's policies can get wrong. */
export const CILIUM_RULES: readonly LintRule[] = [];
