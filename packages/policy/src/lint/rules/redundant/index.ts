import type { LintRule } from "../../rule.js";
import { NP301 } from "./np301-rule-in-rule.js";
import { NP302 } from "./np302-policy-in-others.js";
import { NP303 } from "./np303-entry-in-entry.js";
import { NP304 } from "./np304-exception-allowed-again.js";
import { NP306 } from "./np306-default-deny-twice.js";

/** NP3xx: redundant. */
export const REDUNDANT_RULES: readonly LintRule[] = [NP301, NP302, NP303, NP304, NP306];
