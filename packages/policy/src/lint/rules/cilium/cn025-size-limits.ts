import type { Policy, Rule } from "../../../policy.js";
import { circlesOf } from "../../context/circles.js";
import type { LintContext } from "../../context/context.js";
import { podEvidence } from "../../context/pods.js";
import { list } from "../../context/raw.js";
import type { Draft, LintRule } from "../../rule.js";
import { createSizes } from "./map-entries.js";
import { at, policyName, ruleEvidence, ruleName } from "../say.js";
import { portEntries } from "./l3.js";
import { settingText } from "./setting.js";

const MAX_PORTS = 40;
/** `bpf-policy-map-max`, per endpoint. */
const MAP_SIZE = 16_384;
/** So many times the map's size is counted exactly. */
const COUNTED = 4;

export const CN025: LintRule = {
  id: "CN025",
  title: "More ports or peers than Cilium can hold",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "Cilium refuses a toPorts entry of more than 40 ports. Each endpoint's policy map has 16,384 entries unless configured otherwise, one for each pair of peer identity and port prefix; " +
      "when it overflows, allowed traffic is dropped.",
    fix: "Use a port range (endPort), fewer and wider CIDRs or selectors, or raise bpf.policyMapMax.",
  },
  *check(context) {
    for (const { source, title, rules } of context.ciliumSpecs)
      for (const rule of rules)
        for (const { path, value } of portEntries(rule)) {
          const { length } = list(value["ports"]);
          if (length <= MAX_PORTS) continue;
          yield {
            on: source,
            path: [...path, "ports"],
            message:
              `${ruleName({ section: rule.section, index: Number(rule.path.at(-1)) })} of ${source.kind} ${title} lists ${length} ports in one entry, ` +
              `and Cilium refuses more than ${MAX_PORTS}.`,
            fix: "Split the list over several toPorts entries, or use ranges with endPort.",
          };
        }
    yield* checkMaps(context);
  },
};

function* checkMaps(context: LintContext): Iterable<Draft> {
  const limit = Number(settingText(context, "bpf-policy-map-max")) || MAP_SIZE;
  const sizes = createSizes(context);
  const bound = (policy: Policy): number => sum(policy.rules.map(sizes.atMost));
  for (const policy of context.manifests.policies) {
    if (!policy.kind.startsWith("Cilium")) continue;
    for (const { pods, policies } of circlesOf(context, policy)) {
      // Without pods it is not known that the policies meet on one.
      const together = pods.length === 0 ? [policy] : policies;
      const bounds = together.map(bound);
      // Said at the policy that adds most, and nowhere else.
      if (sum(bounds) <= limit || bound(policy) < Math.max(...bounds)) continue;
      const entries = new Set<string>();
      for (const other of together)
        for (const rule of other.rules)
          for (const entry of sizes.entries(rule)) {
            // Enough to tell; what is far too much need not be counted out.
            if (entries.size > limit * COUNTED) break;
            entries.add(entry);
          }
      const where = at(context, policy, policy.place);
      if (entries.size <= limit || !where) continue;
      yield {
        ...where,
        severity: "medium",
        message:
          `${policyName(policy)} ${together.length > 1 ? "and the policies beside it need" : "needs"} ${entries.size > limit * COUNTED ? "more than" : "about"} ${Math.min(entries.size, limit * COUNTED)} ` +
          `policy map entries for each of its pods, and the map holds ${limit}.`,
        evidence: [
          ...largest(policy.rules, sizes.atMost).map((rule) =>
            ruleEvidence(policy, rule, `${ruleName(rule)}: ${sizes.text(rule)}`),
          ),
          ...pods.map((pod) => podEvidence(pod)),
        ],
        basis: "an estimate: identities of the input's pods, CIDRs and port prefixes",
      };
      break;
    }
  }
}

function largest(rules: readonly Rule[], weight: (rule: Rule) => number): Rule[] {
  return rules.toSorted((a, b) => weight(b) - weight(a)).slice(0, 2);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
