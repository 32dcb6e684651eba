import type { LintRule } from "../../rule.js";
import { isAdminPolicy } from "./raw-rules.js";

export const AN003: LintRule = {
  id: "AN003",
  title: "Baseline policy that is not the one called default",
  severity: "error",
  needs: "spec",
  help: {
    why: "A cluster has one BaselineAdminNetworkPolicy, and its name is default. The API server refuses any other.",
    fix: "Put all baseline rules into the one named default.",
  },
  *check({ objects }) {
    const all = objects.ofKind("BaselineAdminNetworkPolicy").filter(isAdminPolicy);
    for (const [index, source] of all.entries()) {
      if (source.name !== "default")
        yield {
          on: source,
          path: ["metadata", "name"],
          message: `BaselineAdminNetworkPolicy ${source.name} is refused: the only name that it may have is default.`,
          ...(all.length === 1
            ? { operations: [{ op: "replace", path: ["metadata", "name"], value: "default" }] }
            : {}),
        };
      else if (all.slice(0, index).some(({ name }) => name === "default"))
        yield {
          on: source,
          path: ["metadata", "name"],
          message:
            "There is a second BaselineAdminNetworkPolicy default, and a cluster has only one.",
        };
    }
  },
};
