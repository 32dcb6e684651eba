import { DropscopeError, EXIT, type RuleFinding } from "@dropscope/model";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import type { AddCommand } from "../../program.js";
import { FINDING_KINDS } from "../../tuning/finding-kinds.js";
import { outputOption, trafficOptions, TUNING_SETTINGS } from "../../tuning/options.js";

export const addRules = (add: AddCommand): unknown =>
  add({
    name: "policy rules",
    summary: "what used each rule of the policies in force, and rules that nothing uses",
    description:
      "Tells for each rule how many flows of the range used it, when, and how that is known: Hubble named the policy, or our evaluation did. Names rules that nothing used (with how much was observed), rules that allow far more than they carried (with a narrower equivalent as YAML), rules that others make needless, and selectors that match nobody. Reads the store, or with --flows a file and the policies of --policies, without a store; with a store --policies names policies that count instead of those in force. See docs/rules-and-readiness.md. Exit codes: 0 whatever is found, 1 for a finding that --fail-on names, 2 the line cannot be understood, 66 nothing is stored of the range.",
    groups: ["store"],
    settings: TUNING_SETTINGS,
    options: [
      ...trafficOptions(),
      new Option(
        "--find <KINDS>",
        "only rules with findings of these kinds, separated by commas",
      ).argParser((text: string) => kindsOf(text, "--find")),
      new Option(
        "--fail-on <KINDS>",
        "exit with 1 when there is a finding of one of these kinds",
      ).argParser((text: string) => kindsOf(text, "--fail-on")),
      outputOption(),
    ],
    examples: [
      ["dropscope policy rules", "every rule, over the last week"],
      ["dropscope policy rules -n shop --find never-used,over-broad", "what can be tightened"],
      [
        "dropscope policy rules --flows flows.jsonl --policies manifests/ --fail-on duplicate,shadowed",
        "without a store, in CI",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/rules.js")).run(invocation),
  });

type FindingKind = RuleFinding["kind"];

function kindsOf(text: string, flag: string): FindingKind[] {
  return text.split(",").map((name) => {
    const kind = FINDING_KINDS.find((one) => one === name.trim());
    if (kind !== undefined) return kind;
    throw new DropscopeError("USAGE", `${flag}: ${shown(JSON.stringify(name))} is no finding.`, {
      next: `Write one of ${FINDING_KINDS.join(", ")}.`,
      exitCode: EXIT.usage,
    });
  });
}
