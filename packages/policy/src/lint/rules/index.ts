import type { LintRule } from "../rule.js";
import { ADMIN_RULES } from "./admin/index.js";
import { CILIUM_RULES } from "./cilium/index.js";
import { INVALID_RULES } from "./invalid/index.js";
import { LOOSE_RULES } from "./loose/index.js";
import { REDUNDANT_RULES } from "./redundant/index.js";
import { TRAP_RULES } from "./traps/index.js";

/** Every lint, in the order of docs/lints.md. */
export const LINT_RULES: readonly LintRule[] = [
  ...INVALID_RULES,
  ...TRAP_RULES,
  ...LOOSE_RULES,
  ...REDUNDANT_RULES,
  ...CILIUM_RULES,
  ...ADMIN_RULES,
];
