import { DropscopeError, EXIT } from "@dropscope/model";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import type { AddCommand } from "../../program.js";
import { outputOption, trafficOptions, TUNING_SETTINGS } from "../../tuning/options.js";

export const FAILURES = ["newly-denied", "newly-allowed", "unknown"] as const;
export type Failure = (typeof FAILURES)[number];

export const addSimulate = (add: AddCommand): unknown =>
  add({
    name: "policy simulate",
    summary: "what changed policies would have denied and allowed of the observed traffic",
    description:
      "Judges every connection of the range by the policies in force and by those that are proposed, and tells what would be newly denied (who, how often, when last, by which clause) and newly allowed. Policies of --policies each stand in place of the one of their kind, namespace and name; all others stay in force, unless --prune takes them away. A patch changes the texts of those in force. Without a store, --flows reads the traffic from a file, and the policies in force are those of --current, or with --patch those of --policies. What cannot be judged is counted as unknown, never as safe. Exit codes: 0 whatever is found, 1 for what --fail-on names, 2 the line cannot be understood, 65 a policy is refused or the patch does not fit, 66 nothing was observed or a file is not there.",
    groups: ["store"],
    settings: TUNING_SETTINGS,
    options: [
      ...trafficOptions(),
      new Option(
        "--current <PATHS...>",
        "policies in force, in place of those of the store (with --flows: none when absent)",
      ),
      new Option("--patch <FILE>", "unified diff of policies in force; - is standard input"),
      new Option(
        "--remove <POLICIES>",
        "policies in force to be taken away: KIND/NAMESPACE/NAME, separated by commas",
      ).argParser(names),
      new Option(
        "--prune",
        "take away every policy in force that is not among --policies; of --namespace alone where it is given",
      ),
      new Option(
        "--fail-on <WHAT>",
        `exit with 1 for any of ${FAILURES.join(", ")}, separated by commas`,
      ).argParser(failures),
      outputOption(),
    ],
    examples: [
      [
        "dropscope policy simulate --policies policies/ --since 7d --fail-on newly-denied",
        "before a change is applied: would it break what was seen?",
      ],
      ["git diff main | dropscope policy simulate --patch -", "a change as it stands in a branch"],
      [
        "dropscope policy simulate --flows flows.jsonl --current released/ --policies proposed/ -o json",
        "without a store and without a cluster",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/simulate.js")).run(invocation),
  });

function names(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function failures(text: string): Failure[] {
  return names(text).map((name) => {
    const found = FAILURES.find((one) => one === name);
    if (found !== undefined) return found;
    throw new DropscopeError(
      "USAGE",
      `--fail-on: ${shown(JSON.stringify(name))} is nothing to fail on.`,
      {
        next: `Write one of ${FAILURES.join(", ")}.`,
        exitCode: EXIT.usage,
      },
    );
  });
}
