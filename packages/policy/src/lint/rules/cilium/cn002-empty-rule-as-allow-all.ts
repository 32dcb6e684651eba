import type { CiliumSpecView } from "../../context/cilium-policies.js";
import { text } from "../../context/raw.js";
import type { Draft, LintRule } from "../../rule.js";
import { ruleName } from "../say.js";

export const CN002: LintRule = {
  id: "CN002",
  title: "Empty rule meant as allow-all",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "`- {}` allows everything in a NetworkPolicy and nobody in a Cilium policy: there it is the idiom for default deny. " +
      "It is reported where the name, the description or a neighbouring rule says that something should be allowed.",
    fix: "Write `fromEntities: [all]` or `toEntities: [all]` to allow everybody, or remove the empty rule.",
  },
  *check({ ciliumSpecs }) {
    for (const view of ciliumSpecs) yield* checkSpec(view);
  },
};

function* checkSpec(view: CiliumSpecView): Iterable<Draft> {
  const { source, title, spec } = view;
  const promised = promisesAll(source.name) || promisesAll(text(spec["description"]));
  for (const rule of view.rules) {
    if (rule.deny || Object.keys(rule.value).length > 0) continue;
    const { section, path } = rule;
    const siblings = view.rules.filter((other) => other.section === section);
    const name = ruleName({ section, index: Number(path.at(-1)) });
    const entities = section === "ingress" ? "fromEntities" : "toEntities";
    if (siblings.length === 1 && promised)
      yield {
        on: source,
        path,
        message: `${source.kind} ${title} says that it allows all, but its ${name} is empty and allows nobody: it denies all ${section}.`,
        operations: [{ op: "replace", path, value: { [entities]: ["all"] } }],
      };
    else if (siblings.some((other) => Object.keys(other.value).length > 0))
      yield {
        on: source,
        path,
        severity: "medium",
        message: `${name} of ${source.kind} ${title} is empty and allows nobody; beside other rules it does nothing.`,
        fix: `Remove it; if everybody was meant, write \`${entities}: [all]\`.`,
      };
  }
}

/** `allow-all-ingress`, "Allow everything from …"; not `deny-all-allow-any-dns`. */
function promisesAll(words: string): boolean {
  return (
    /(allow|permit|accept|open)[-_. ]?(all|any|every)/i.test(words) &&
    !/(deny|block|isolat|lock|drop|restrict)/i.test(words)
  );
}
