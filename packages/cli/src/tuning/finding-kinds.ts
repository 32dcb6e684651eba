import type { RuleFinding } from "@dropscope/model";

export const FINDING_KINDS: readonly RuleFinding["kind"][] = [
  "never-used",
  "over-broad",
  "duplicate",
  "shadowed",
  "stale-selector",
];
