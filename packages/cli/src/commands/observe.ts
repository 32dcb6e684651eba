import { OBSERVE_OPTIONS } from "../observe/flags.js";
import type { AddCommand } from "../program.js";

export const addObserve = (add: AddCommand): unknown =>
  add({
    name: "observe",
    summary: "print stored flows, with the flags and formats of `hubble observe`",
    description:
      "Prints stored flows, oldest first. Without a selector the last 20. Filters of one kind are alternatives, filters of different kinds must all hold, --not turns the next one round.",
    groups: ["store"],
    filters: true,
    arguments: "[flows]",
    options: OBSERVE_OPTIONS,
    examples: [
      ["dropscope observe --verdict DROPPED --since 1h", "what was dropped in the last hour"],
      ["dropscope observe --from-pod web/frontend --to-port 5432 -f", "follow one path"],
      [
        "dropscope observe --all -o jsonpb > flows.jsonl",
        "everything, for the real CLI's --input-file",
      ],
      ["dropscope observe --not --namespace kube-system --type drop", "drops outside kube-system"],
      ["dropscope observe --policy 'payments/*' --verdict DROPPED", "what these policies dropped"],
      [
        "dropscope observe --since 24h --verdict DROPPED -o parquet -O drops.parquet",
        "a file for pandas, DuckDB or Spark; docs/export.md has its columns",
      ],
      ["dropscope observe --namespace web --since 1h -o csv > web.csv", "for a spreadsheet"],
      ["dropscope observe --view checkout --last 100", "through a filter that the page saved"],
    ],
    run: async (invocation) => (await import("../run/observe.js")).run(invocation),
  });
