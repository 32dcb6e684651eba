import type { LintRule } from "../../rule.js";

/** NP1xx: what breaks an application that the author did not mean to break. */
export const TRAP_RULES: readonly LintRule[] = [];
