import { Option } from "commander";
import type { AddCommand } from "../program.js";

export const addAudit = (add: AddCommand): unknown =>
  add({
    name: "audit",
    summary: "what passes although policies deny it, and pods that no policy restricts",
    description:
      "Lists connections that the data path let through while the policies of that moment deny them: policies that are not enforced, not loaded yet or stale somewhere, newest first. With --open, workloads that no policy restricts instead, as the cluster is now. Exit code 0 whether there are any or not.",
    groups: ["store"],
    settings: ["cluster-name", "profile"],
    options: [
      new Option(
        "--open",
        "workloads that no policy restricts; those that none selects come first",
      ),
      new Option("--since <TIME>", "only what was seen since then (a moment, or an age)").default(
        "24h",
      ),
      new Option("-n, --namespace <NS>", "only what has to do with the namespace"),
      new Option("--limit <N>", "at most so many").default("100"),
      new Option("-o, --output <FORMAT>", "output format")
        .choices(["text", "json"])
        .default("text"),
    ],
    examples: [
      ["dropscope audit", "the last day"],
      ["dropscope audit --since 15m -o json | jq -r .sentence", "only the sentences"],
      ["dropscope audit --open -n web", "workloads of a namespace that anybody may reach"],
    ],
    run: async (invocation) => (await import("../run/audit.js")).run(invocation),
  });
