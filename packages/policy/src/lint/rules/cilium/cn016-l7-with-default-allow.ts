import type { LintRule } from "../../rule.js";
import { list, record, text } from "../../context/raw.js";
import { isRecord, type Json } from "../../context/raw.js";
import { ruleName } from "../say.js";
import { portEntries } from "./l3.js";

export const CN016: LintRule = {
  id: "CN016",
  title: "L7 rules refuse requests although default deny is off",
  severity: "medium",
  needs: "spec",
  help: {
    why:
      "enableDefaultDeny: false leaves connections alone, but not requests: traffic on a port with L7 rules goes through the proxy, " +
      "which refuses whatever the rules do not list.",
    fix: 'Let the L7 rules match everything (`http: [{}]`, `dns: [{matchPattern: "*"}]`) if the policy is only there to watch.',
  },
  *check({ ciliumSpecs }) {
    for (const { source, title, spec, rules } of ciliumSpecs) {
      const asked = record(spec["enableDefaultDeny"]);
      for (const rule of rules) {
        if (rule.deny || asked[rule.direction] !== false) continue;
        for (const { path, value } of portEntries(rule)) {
          const kind = (["http", "dns", "kafka"] as const).find((key) => refuses(key, value));
          if (!kind) continue;
          const name = ruleName({ section: rule.section, index: Number(rule.path.at(-1)) });
          yield {
            on: source,
            path: [...path, "rules", kind],
            message:
              `${source.kind} ${title} turns default deny off for ${rule.direction}, but the ${kind} rules of its ${name} ` +
              "still refuse every request that they do not list.",
          };
        }
      }
    }
  },
};

function refuses(kind: "http" | "dns" | "kafka", entry: Json): boolean {
  const entries = list(record(entry["rules"])[kind]).filter(isRecord);
  if (entries.length === 0) return false;
  return !entries.some((match) =>
    kind === "dns"
      ? ["*", "**."].includes(text(match["matchPattern"]))
      : Object.keys(match).length === 0,
  );
}
