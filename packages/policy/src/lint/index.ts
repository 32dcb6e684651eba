export * from "./finding.js";
export { IGNORE_ANNOTATION } from "./ignore.js";
export { lint } from "./lint.js";
export * from "./options.js";
export { findingsJson } from "./render/json.js";
export { sarifLog } from "./render/sarif.js";
export { findingsText } from "./render/text.js";
export type { LintRule } from "./rule.js";
export { LINT_RULES } from "./rules/index.js";
