import { has, list, record } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";
import { ruleName } from "../say.js";
import { portEntries } from "./l3.js";

export const CN022: LintRule = {
  id: "CN022",
  title: "Removed or deprecated field",
  severity: "error",
  needs: "spec",
  help: {
    why: "fromRequires and toRequires are deprecated since Cilium 1.17 and gone in 1.19; the Kafka rules are deprecated.",
    fix: "Write the required labels into every fromEndpoints or toEndpoints selector; allow Kafka's port without L7 rules.",
  },
  *check({ ciliumSpecs }) {
    for (const { source, title, rules } of ciliumSpecs)
      for (const rule of rules) {
        const name = ruleName({ section: rule.section, index: Number(rule.path.at(-1)) });
        for (const key of ["fromRequires", "toRequires"])
          if (has(rule.value, key))
            yield {
              on: source,
              path: [...rule.path, key],
              message: `${name} of ${source.kind} ${title} uses ${key}, which Cilium 1.19 no longer knows.`,
            };
        for (const { path, value } of portEntries(rule))
          if (list(record(value["rules"])["kafka"]).length > 0)
            yield {
              on: source,
              path: [...path, "rules", "kafka"],
              severity: "medium",
              message: `${name} of ${source.kind} ${title} has Kafka rules, which are deprecated.`,
            };
      }
  },
};
