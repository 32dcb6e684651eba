export { RULE_LINTS } from "./lints.js";
export { type RulesOptions, useOfRules } from "./rules.js";
