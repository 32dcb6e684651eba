import { matchesPeers } from "../../../match/peer.js";
import { matchesSelector } from "../../../match/selector.js";
import type { Direction } from "../../../policy.js";
import type { LintContext } from "../../context/context.js";
import { reservedEnd } from "../../context/ends.js";
import type { LintRule } from "../../rule.js";
import { settingPlace } from "./setting.js";

export const CN019: LintRule = {
  id: "CN019",
  title: "Health endpoints not allowed in enforcement mode always",
  severity: "medium",
  needs: "cluster",
  help: {
    why:
      "With enable-policy: always every endpoint is denied what no policy allows, Cilium's health endpoints included: " +
      "cilium-health then reports nodes as unreachable that are well.",
    fix: 'Add a CiliumClusterwideNetworkPolicy with endpointSelector {matchLabels: {"reserved:health": ""}} that allows the entity remote-node both ways.',
  },
  *check(context) {
    const mode = context.settings.enforcement ?? context.profile.enforcement;
    if (mode !== "always") return;
    const missing = (["ingress", "egress"] as const).filter(
      (direction) => !isAllowed(context, direction),
    );
    const where = settingPlace(context, "enable-policy");
    if (missing.length === 0 || !where) return;
    yield {
      ...where,
      message: `Policies are enforced on every endpoint, and none allows the health endpoints ${missing.join(" or ")} from and to other nodes.`,
    };
  },
};

function isAllowed({ manifests, match }: LintContext, direction: Direction): boolean {
  const health = reservedEnd("reserved", "health");
  const node = reservedEnd("remote-node", "remote-node");
  return manifests.policies.some(
    ({ namespace, subject, rules }) =>
      namespace === "" &&
      subject.of === "pods" &&
      matchesSelector(subject.selector, health.labels) &&
      rules.some(
        (rule) =>
          rule.direction === direction &&
          rule.action === "allow" &&
          matchesPeers(rule, node, match),
      ),
  );
}
