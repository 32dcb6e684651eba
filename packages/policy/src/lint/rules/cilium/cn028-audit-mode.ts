import type { LintRule } from "../../rule.js";
import { settingPlace } from "./setting.js";

export const CN028: LintRule = {
  id: "CN028",
  title: "Audit mode is on",
  severity: "info",
  needs: "cluster",
  help: {
    why: "In audit mode Cilium reports what L3 and L4 policies would deny, and lets it pass. No policy protects anything.",
    fix: "Set policyAuditMode=false in Cilium's Helm values once the reported drops are meant.",
  },
  *check(context) {
    if (!(context.settings.audit ?? context.profile.audit)) return;
    const where = settingPlace(context, "policy-audit-mode");
    if (where)
      yield {
        ...where,
        message: `Cilium runs in audit mode, so that no policy of L3 or L4 denies anything.`,
      };
  },
};
