import type { CandidateProblem } from "@dropscope/model";
import type { Policy } from "@dropscope/policy";
import type { TuningCluster } from "../cluster/index.js";
import type { Candidate } from "./candidate.js";

/** Policies of kinds that the cluster may not know: there they would be refused, or have no effect. */
export function kindProblems(
  { policies, profile }: TuningCluster,
  { set }: Candidate,
): CandidateProblem[] {
  const inForce = new Set(policies.map(({ kind }) => kind));
  const firsts = new Map(set.toReversed().map((policy) => [policy.kind, policy]));
  return [...firsts.values()].toReversed().flatMap((policy) => {
    const { kind } = policy;
    if (inForce.has(kind) || kind === "NetworkPolicy") return [];
    if (!kind.startsWith("Cilium"))
      return [
        problemAt(
          policy,
          "warning",
          `no ${kind} is in force, so its kind may not be installed — Look with \`kubectl api-resources\` whether the cluster takes it`,
        ),
      ];
    return profile.name === "cilium"
      ? []
      : [
          problemAt(
            policy,
            "error",
            `${kind} ${policy.name}: the cluster's data plane is not Cilium, where this kind has no effect — Write a NetworkPolicy`,
          ),
        ];
  });
}

function problemAt(
  { place }: Policy,
  severity: CandidateProblem["severity"],
  message: string,
): CandidateProblem {
  return { severity, rule: "", message, line: place.line, column: place.column };
}
