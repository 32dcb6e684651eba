import type { NamespaceReadiness, ReadinessAnswer } from "@dropscope/model";
import { alignColumns } from "../observe/columns.js";
import { shown } from "../observe/paint.js";
import { evidenceText, plural } from "./evidence-text.js";

/** A line for each namespace; of one that was asked for by name its plan as well. */
export function readinessText({ namespaces }: ReadinessAnswer, isOne: boolean): string {
  const [one] = namespaces;
  if (isOne && one !== undefined) return `${detail(one).map(shown).join("\n")}\n`;
  return alignColumns([
    ["NAMESPACE", "STAGE", "ISOLATED", "DNS", "WOULD BREAK", "CLEAN", ""],
    ...namespaces.map((each) => [
      shown(each.namespace),
      each.stage,
      isolatedText(each),
      each.dns,
      each.wouldBreak.edges === 0 ? "nothing" : plural(each.wouldBreak.edges, "connection"),
      plural(each.cleanDays, "day"),
      shown(each.says),
    ]),
  ]);
}

function detail(one: NamespaceReadiness): string[] {
  const { namespace, stage, says, dns, wouldBreak, cleanDays, evidence, plan } = one;
  return [
    `${namespace}: ${stage}`,
    `  ${says}`,
    "",
    `  isolated     ${isolatedText(one)} of ${plural(one.workloads, "workload")}`,
    `  DNS          ${dns}`,
    `  would break  ${wouldBreak.edges === 0 ? "nothing" : `${plural(wouldBreak.edges, "connection")}, ${plural(wouldBreak.flows, "flow")}`}`,
    `  clean        ${plural(cleanDays, "day")} in a row`,
    ...evidenceText(evidence).map((line) => `  ${line}`),
    "",
    ...plan.flatMap(({ done, says: what, command }, index) => {
      const step = `  ${done ? "✓" : " "} ${index + 1}. ${what}`;
      return done || command === "" ? [step] : [step, `       ${command}`];
    }),
  ];
}

/** `ingress 3/5, egress 1/5`. */
function isolatedText({ workloads, isolated: { ingress, egress } }: NamespaceReadiness): string {
  return `ingress ${ingress}/${workloads}, egress ${egress}/${workloads}`;
}
