export * from "./finding.js";
export { IGNORE_ANNOTATION } from "./ignore.js";
export { lint } from "./lint.js";
export * from "./options.js";
export type { LintRule } from "./rule.js";
export { LINT_RULES } from "./rules/index.js";
