import type { AddCommand } from "../../program.js";
import { QUESTION_OPTIONS } from "./question.js";

export const addExplain = (add: AddCommand): unknown =>
  add({
    name: "policy explain",
    summary: "why one end may or may not reach another, rule by rule",
    description:
      "Asks as `policy check` does, and prints the whole account: for each end the policies that select it, which of them make deny the default, and for each of their rules whether it matches, and if not which clause fails, what it wants and what it gets. The nearest rule is marked. Exit codes as for `policy check`.",
    groups: [],
    settings: ["policies"],
    logless: true,
    options: QUESTION_OPTIONS,
    examples: [
      [
        "dropscope policy explain --policies manifests/ --from payments/api --to payments/db --port 5432",
        "rule by rule",
      ],
      [
        "dropscope policy explain --policies manifests/ --from payments/api --to 203.0.113.7 --port 443 -o json",
        "for programs",
      ],
    ],
    run: async (invocation) => (await import("../../run/policy/explain.js")).run(invocation),
  });
