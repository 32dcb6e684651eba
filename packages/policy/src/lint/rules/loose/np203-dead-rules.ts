import { allowsEverything, DIRECTIONS, isolatesIn } from "../../context/network-policies.js";
import type { LintRule } from "../../rule.js";

export const NP203: LintRule = {
  id: "NP203",
  title: "Allow-all rule beside specific ones",
  severity: "medium",
  needs: "spec",
  help: {
    why: "Rules add up. Beside `- {}`, which allows everything, the other rules of the direction restrict nothing.",
    fix: "Remove the empty rule, or the others if everything was meant.",
  },
  *check({ networkPolicies }) {
    for (const view of networkPolicies)
      for (const direction of DIRECTIONS) {
        const rules = view.rules.filter((rule) => rule.direction === direction);
        const open = rules.find(allowsEverything);
        const dead = rules.filter((rule) => !allowsEverything(rule));
        if (!open || dead.length === 0 || !isolatesIn(view, direction)) continue;
        const { namespace, name, kind } = view.source;
        yield {
          on: view.source,
          path: open.path,
          message: `${open.title} of NetworkPolicy ${view.title} allows all ${direction}, so that ${dead.length === 1 ? "the other rule" : `the other ${dead.length} rules`} of that direction ${dead.length === 1 ? "does" : "do"} nothing.`,
          evidence: dead.map((rule) => ({
            kind,
            namespace,
            name,
            place: view.source.placeOf(`spec.${direction}[${rule.path.at(-1)}]`),
            note: rule.title,
          })),
        };
      }
  },
};
