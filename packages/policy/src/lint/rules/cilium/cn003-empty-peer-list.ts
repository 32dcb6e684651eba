import type { LintRule } from "../../rule.js";
import { ruleName } from "../say.js";
import { hasPorts, peerFields } from "./l3.js";

export const CN003: LintRule = {
  id: "CN003",
  title: "Empty list of peers",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "`fromEndpoints: []` selects nobody, so that the ports beside it are open to nobody. " +
      "Without the key, the rule would be open to everybody; in a NetworkPolicy the empty list means just that.",
    fix: "Name the peers: `[{}]` for every pod of the namespace, no key at all for everybody.",
  },
  *check({ ciliumSpecs }) {
    for (const { source, title, rules } of ciliumSpecs)
      for (const rule of rules) {
        // One of them is enough, whatever stands in the others.
        const empty = peerFields(rule).find(
          ({ key, items }) => items.length === 0 && EMPTY_IS_NOBODY.has(key),
        );
        if (!empty) continue;
        const name = ruleName({ section: rule.section, index: Number(rule.path.at(-1)) });
        const [does, none] = rule.deny ? ["denies", "nothing"] : ["allows", "nobody"];
        const ports = hasPorts(rule);
        yield {
          on: source,
          path: [...rule.path, empty.key],
          severity: ports ? "high" : "medium",
          message:
            `${name} of ${source.kind} ${title} has the empty list ${empty.key}: [], which selects nobody, ` +
            `so that the rule ${does} ${none}${ports ? " on its ports" : ""}.`,
        };
      }
  },
};

/** An empty list of the other fields is as good as none. */
const EMPTY_IS_NOBODY = new Set(
  ["Endpoints", "Nodes", "Entities", "CIDR", "CIDRSet"].flatMap((kind) => [
    `from${kind}`,
    `to${kind}`,
  ]),
);
