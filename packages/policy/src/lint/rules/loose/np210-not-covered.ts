import { DIRECTIONS } from "../../context/network-policies.js";
import { podEvidence } from "../../context/pods.js";
import type { LintRule } from "../../rule.js";
import { count, some } from "../say.js";

export const NP210: LintRule = {
  id: "NP210",
  title: "Workloads that no policy isolates",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A pod that no policy selects for a direction is open in it. Where others are isolated, that is often forgotten rather than meant.",
    fix: "Add a default-deny policy for the namespace, and allow what is needed.",
  },
  *check(context) {
    const { policies } = context.manifests;
    if ((context.settings.enforcement ?? context.profile.enforcement) !== "default") return;
    for (const direction of DIRECTIONS) {
      const isolating = policies.filter(
        ({ isolates, subject }) => isolates[direction] && subject.of === "pods",
      );
      // Where nobody isolates a direction, none is forgotten.
      if (isolating.length === 0) continue;
      const isolated = new Set(isolating.flatMap((policy) => context.pods.selectedBy(policy)));
      for (const { name } of context.namespaces.all) {
        if (isSystem(name)) continue;
        const pods = context.pods.in(name).filter(({ workload }) => !workload.hostNetwork);
        const open = pods.filter((pod) => !isolated.has(pod));
        const [first] = open;
        if (!first) continue;
        const { kind, name: workload } = first.workload;
        const on =
          context.objects.get("Namespace", "", name) ?? context.objects.get(kind, name, workload);
        if (!on) continue;
        const names = some(open.map(({ workload: { name: each } }) => each));
        yield {
          on,
          path: [],
          message:
            open.length === pods.length
              ? `No policy isolates any workload of namespace ${name} for ${direction}.`
              : `No policy isolates ${names} of namespace ${name} for ${direction}, as others are.`,
          evidence: open.map((pod) => podEvidence(pod)),
          basis: `${count(pods.length, "workload")} of namespace ${name} in the input`,
        };
      }
    }
  },
};

function isSystem(namespace: string): boolean {
  return /^(kube-(system|public|node-lease)|openshift-.*|cilium.*)$/.test(namespace);
}
