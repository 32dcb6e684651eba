import type { LintRule } from "../../rule.js";
import { NP201 } from "./np201-any-source.js";
import { NP202 } from "./np202-empty-peer-list.js";
import { NP203 } from "./np203-dead-rules.js";
import { NP204 } from "./np204-opens-whole-namespace.js";
import { NP205 } from "./np205-all-namespaces.js";
import { NP206 } from "./np206-or-for-and.js";
import { NP207 } from "./np207-and-for-or.js";
import { NP208 } from "./np208-wide-rule.js";
import { NP209 } from "./np209-open-to-newcomers.js";
import { NP210 } from "./np210-not-covered.js";
import { NP211 } from "./np211-claimable-label.js";

/** NP2xx: over-permissive or suspicious. */
export const LOOSE_RULES: readonly LintRule[] = [
  NP201,
  NP202,
  NP203,
  NP204,
  NP205,
  NP206,
  NP207,
  NP208,
  NP209,
  NP210,
  NP211,
];
