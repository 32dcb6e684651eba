import { InvalidArgumentError, Option } from "commander";
import type { AddCommand } from "../../program.js";

const DEFAULT_MAX = 32;

const gibibytes = (text: string): number => {
  const number = Number(text);
  if (!Number.isFinite(number) || number <= 0)
    throw new InvalidArgumentError("Expected a number of GiB.");
  return number;
};

const OPTIONS: readonly Option[] = [
  new Option(
    "--data <DIR>",
    "keep what was opened in this folder (default: one that goes with the command)",
  ),
  new Option("--max-size <GIB>", "refuse a bundle that unpacks to more")
    .argParser(gibibytes)
    .default(DEFAULT_MAX),
];

export const addIncidentOpen = (add: AddCommand): unknown =>
  add({
    name: "incident open",
    arguments: "<file>",
    summary: "show an exported incident in the dashboard, without a cluster",
    description:
      "Loads a bundle of `dropscope incident export` into a store of its own and serves the dashboard on it: the same flows, problems, explanations and policies, at the time of the incident. Nothing is written outside of that store, and nothing is shown of a bundle that is damaged.",
    groups: ["dashboard"],
    settings: ["engine-memory"],
    options: OPTIONS,
    examples: [
      ["dropscope incident open incident.zip", "look at it"],
      ["dropscope incident open incident.zip --data ~/incidents/42", "and find it again tomorrow"],
    ],
    run: async (invocation) => (await import("../../run/incident/open.js")).run(invocation),
  });
