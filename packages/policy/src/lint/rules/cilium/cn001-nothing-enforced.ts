import { type CiliumSpecView, isCiliumPolicy } from "../../context/cilium-policies.js";
import { isRecord, list, record } from "../../context/raw.js";
import type { Draft, LintRule } from "../../rule.js";

const SECTIONS = ["ingress", "ingressDeny", "egress", "egressDeny"] as const;

export const CN001: LintRule = {
  id: "CN001",
  title: "Cilium policy, or a direction of it, without a rule",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "Cilium refuses a policy whose four rule lists are all empty, and a list that is null or empty beside others does nothing. " +
      "A NetworkPolicy would deny the direction; here the pods stay open, and only the policy's status says so.",
    fix: "Write `ingress: [{}]` or `egress: [{}]` to deny a direction by default.",
  },
  *check({ ciliumSpecs, objects }) {
    for (const view of ciliumSpecs) yield* checkSpec(view);
    for (const source of objects.all.filter(isCiliumPolicy)) {
      const { spec, specs } = source.value;
      if (!isRecord(spec) && list(specs).length === 0)
        yield {
          on: source,
          path: ["spec"],
          message: `${source.kind} ${source.name} has no spec, so that Cilium does not enforce it.`,
        };
    }
  },
};

function* checkSpec({ source, title, spec, path }: CiliumSpecView): Iterable<Draft> {
  const written = SECTIONS.filter((section) => Object.hasOwn(spec, section));
  const empty = written.filter(
    (section) => list(spec[section]).length === 0 && !isRecord(spec[section]),
  );
  if (empty.length === written.length) {
    const meant = empty.filter((section) => section === "ingress" || section === "egress");
    const [only] = meant;
    yield {
      on: source,
      path: only === undefined ? path : [...path, only],
      message:
        `${source.kind} ${title} has no rule in any direction, so that Cilium refuses it ` +
        "and denies nothing.",
      ...(only !== undefined && meant.length === 1 && empty.length === 1
        ? { operations: [{ op: "replace", path: [...path, only], value: [{}] }] }
        : {}),
    };
    return;
  }
  const asked = record(spec["enableDefaultDeny"]);
  for (const section of empty) {
    if (section !== "ingress" && section !== "egress") continue;
    // Whoever says what the default is has not left it to the empty list.
    if (typeof asked[section] === "boolean" || list(spec[`${section}Deny`]).length > 0) continue;
    yield {
      on: source,
      path: [...path, section],
      severity: "medium",
      message: `${source.kind} ${title} writes ${section} without a rule, which denies nothing: its pods stay open for ${section}.`,
      fix: `Write \`${section}: [{}]\` to deny ${section} by default, or remove the key.`,
    };
  }
}
