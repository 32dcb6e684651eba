import type { AddCommand } from "../../program.js";
import { listOptions } from "./list-options.js";

export const addDiff = (add: AddCommand): unknown =>
  add({
    name: "policy diff",
    summary: "which connections a change of manifests allows or takes away",
    description:
      "Compares what two sets of manifests allow: connections that are changed, added and removed, and workloads that are new or gone. Prints nothing when nothing changed. Exit codes as for `policy connections`; changes are no failure.",
    arguments: "<old> <new>",
    groups: [],
    logless: true,
    options: listOptions(["txt", "csv", "md"]),
    examples: [
      ["dropscope policy diff released/ proposed/", "what a change of policies means"],
      ["dropscope policy diff released/ proposed/ -o md", "as a table, for a pull request"],
    ],
    run: async (invocation) => (await import("../../run/policy/diff.js")).run(invocation),
  });
