import { has, list, record, text } from "../../context/raw.js";
import type { LintRule } from "../../rule.js";
import { ruleName } from "../say.js";
import { adminRules, isAdminPolicy } from "./raw-rules.js";

export const AN006: LintRule = {
  id: "AN006",
  title: "Domain names in a rule that does not allow",
  severity: "error",
  needs: "spec",
  help: {
    why: "Names can only be allowed: which addresses they have is only known after a pod has asked for them. The API refuses domainNames in Deny and Pass rules.",
    fix: "Deny the networks, and accept the names in a rule before.",
  },
  *check({ objects }) {
    for (const source of objects.all.filter(isAdminPolicy))
      for (const { direction, path, value } of adminRules(source)) {
        const action = text(value["action"]);
        if (action !== "Deny" && action !== "Pass") continue;
        const index = list(value["to"]).findIndex((peer) => has(record(peer), "domainNames"));
        if (index < 0) continue;
        yield {
          on: source,
          path: [...path, "to", index, "domainNames"],
          message: `${ruleName({ section: direction, index: Number(path.at(-1)) })} of ${source.kind} ${source.name} has domain names and the action ${action}, for which the API refuses it.`,
        };
      }
  },
};
