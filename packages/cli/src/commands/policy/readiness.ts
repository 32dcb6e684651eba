import { DropscopeError, EXIT, READINESS_STAGES } from "@dropscope/model";
import { Option } from "commander";
import { shown } from "../../observe/paint.js";
import type { AddCommand } from "../../program.js";
import { outputOption, trafficOptions, TUNING_SETTINGS } from "../../tuning/options.js";

export const addReadiness = (add: AddCommand): unknown =>
  add({
    name: "policy readiness",
    summary: "how far each namespace is from a default deny that breaks nothing",
    description:
      "Judges what was seen by the policies in force together with a default deny of every namespace, and says for each namespace how far it is: no-policy, partial, would-break (traffic was seen that no rule allows), watching (nothing would break, but too little was observed), ready, enforced; with what is to be done next, in order. What could not be judged is never taken for safe. Reads the store, or with --flows a file and the policies of --policies, without a store; with a store --policies names policies that count instead of those in force. See docs/rules-and-readiness.md. Exit codes: 0 whatever is found, 1 when a namespace is not as far as --require says, 2 the line cannot be understood, 66 nothing is stored of the range, or the namespace is not known.",
    groups: ["store"],
    settings: TUNING_SETTINGS,
    options: [
      ...trafficOptions(),
      new Option("--days <N>", "clean days in a row that make a namespace ready")
        .argParser(daysOf)
        .default(7),
      new Option(
        "--require <STAGE>",
        "exit with 1 when a namespace has not come as far as this",
      ).choices(READINESS_STAGES),
      new Option(
        "--default-deny",
        "write the policy that denies by default in --namespace, and nothing else",
      ),
      outputOption(),
    ],
    examples: [
      ["dropscope policy readiness", "every namespace in one line"],
      ["dropscope policy readiness --namespace shop", "one of them, with its plan"],
      [
        "dropscope policy readiness --namespace shop --policies gitops/shop --require ready",
        "policies that are not applied yet, in CI",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/readiness.js")).run(invocation),
  });

const MOST_DAYS = 90;

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days;
  throw new DropscopeError("USAGE", `--days ${shown(text)} is no number of days.`, {
    next: `Write a whole number from 1 to ${MOST_DAYS}.`,
    exitCode: EXIT.usage,
  });
}
