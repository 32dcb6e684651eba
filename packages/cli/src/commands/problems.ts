import { PROBLEM_STATES } from "@dropscope/model";
import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addProblems = (add: AddCommand): unknown =>
  add({
    name: "problems",
    summary: "drops as problems: who cannot reach whom, why, since when and how often",
    description:
      "Lists the problems that the correlator of the running instance (or of the last one) folded drops into: what is going on first, then by rate. Resolved ones only when --state asks for them. Words must all stand in what a problem says; filters are those of `observe`, but for those that differ from packet to packet. Exit code 0 whether there are any or not.",
    groups: ["store"],
    settings: ["resolved-after"],
    filters: true,
    arguments: "[words...]",
    options: [
      new Option(
        "-f, --follow",
        "go on, and print a problem when it begins, changes state or its cause changes",
      ),
      new Option(
        "--state <STATE...>",
        "only problems in these states (default: all but resolved)",
      ).choices(PROBLEM_STATES),
      new Option("--limit <N>", "at most so many").default("100"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json"])
        .default("text"),
    ],
    examples: [
      ["dropscope problems", "what is going on now"],
      ["dropscope problems --namespace web --follow", "watch one namespace"],
      ["dropscope problems checkout --to-port 53", "those that say checkout, to DNS"],
      ["dropscope problems -o json | jq -r .explanation.sentence", "only the sentences"],
    ],
    run: async (invocation) => (await import("../run/problems.js")).run(invocation),
  });
