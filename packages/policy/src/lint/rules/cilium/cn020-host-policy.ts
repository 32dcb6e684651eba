import type { Endpoint } from "../../../endpoint.js";
import { matchesPeers } from "../../../match/peer.js";
import { matchesPorts } from "../../../match/port.js";
import type { Direction, Policy, Protocol } from "../../../policy.js";
import { subjectsDisjoint } from "../../compare/rules.js";
import type { LintContext } from "../../context/context.js";
import { reservedEnd } from "../../context/ends.js";
import type { LintRule } from "../../rule.js";
import { at, policyName, some } from "../say.js";
import { settingPlace, settingText } from "./setting.js";

export const CN020: LintRule = {
  id: "CN020",
  title: "Host policy without effect, or without what nodes need",
  severity: "high",
  needs: "spec",
  help: {
    why:
      "A nodeSelector policy does nothing unless the host firewall is on. When it is on, a node that is isolated without its own ports loses " +
      "its kubelet, its tunnel to other nodes or, on the control plane, etcd and the API server: the cluster breaks, and the way back in with it.",
    fix: "Allow the listed ports from the entities remote-node and kube-apiserver before the policy is enforced; try it in audit mode first.",
  },
  *check(context) {
    const firewall =
      context.settings.hostFirewall ?? (context.profile.hostFirewall ? true : undefined);
    const policies = context.manifests.policies.filter(
      ({ subject, tier }) => subject.of === "nodes" && tier === "normal",
    );
    for (const policy of policies) {
      const where = at(context, policy, policy.subject.place);
      if (!where) continue;
      if (firewall === false) {
        const setting = settingPlace(context, "enable-host-firewall")?.on;
        yield {
          ...where,
          message: `${policyName(policy)} selects nodes, but the host firewall is off: the policy does nothing.`,
          ...(setting?.kind === "ConfigMap"
            ? {
                evidence: [
                  {
                    kind: "ConfigMap",
                    namespace: setting.namespace,
                    name: setting.name,
                    place: setting.placeOf("data"),
                  },
                ],
              }
            : {}),
          fix: "Set hostFirewall.enabled=true in Cilium's Helm values.",
        };
        continue;
      }
      const together = policies.filter(
        (other) => other === policy || !subjectsDisjoint(other, policy),
      );
      for (const direction of ["ingress", "egress"] as const) {
        if (!policy.isolates[direction]) continue;
        const missing = needsOf(context, policy, direction).filter(
          (need) => !together.some((other) => allows(context, other, direction, need)),
        );
        if (missing.length === 0) continue;
        yield {
          ...where,
          message: `${policyName(policy)} isolates nodes for ${direction} and does not allow ${some(
            missing.map(({ what }) => what),
            6,
          )}.`,
        };
      }
    }
  },
};

interface Need {
  readonly what: string;
  readonly peer: Endpoint;
  readonly protocol: Protocol;
  /** Alternatives. */
  readonly ports: readonly number[];
}

const node = reservedEnd("remote-node", "remote-node");
const apiServer = reservedEnd("remote-node", "remote-node", "kube-apiserver");

function needsOf(context: LintContext, policy: Policy, direction: Direction): Need[] {
  const health: Need = {
    what: "health checks (TCP 4240)",
    peer: node,
    protocol: "TCP",
    ports: [4240],
  };
  const tunnel: Need = {
    what: "the tunnel (UDP 8472 or 6081)",
    peer: node,
    protocol: "UDP",
    ports: [8472, 6081],
  };
  const api: Need = {
    what: "the API server (TCP 6443)",
    peer: apiServer,
    protocol: "TCP",
    ports: [6443, 443],
  };
  const common = isTunnelled(context) ? [health, tunnel] : [health];
  if (direction === "egress") return [...common, api];
  return [
    ...common,
    { what: "the kubelet (TCP 10250)", peer: apiServer, protocol: "TCP", ports: [10_250] },
    ...(selectsControlPlane(policy)
      ? [
          { ...api, peer: node },
          {
            what: "etcd (TCP 2379-2380)",
            peer: apiServer,
            protocol: "TCP" as const,
            ports: [2379, 2380],
          },
        ]
      : []),
  ];
}

/** Cilium's default; native routing has to be asked for. */
function isTunnelled(context: LintContext): boolean {
  return (
    settingText(context, "routing-mode") !== "native" &&
    settingText(context, "tunnel") !== "disabled"
  );
}

function selectsControlPlane({ subject }: Policy): boolean {
  return subject.selector.requirements.some(
    ({ key, operator }) =>
      /node-role\.kubernetes\.io\/(control-plane|master)$/.test(key) &&
      (operator === "In" || operator === "Exists"),
  );
}

function allows(context: LintContext, policy: Policy, direction: Direction, need: Need): boolean {
  const host = reservedEnd("host", "host");
  return policy.rules.some(
    (rule) =>
      rule.direction === direction &&
      rule.action === "allow" &&
      matchesPeers(rule, need.peer, context.match) &&
      need.ports.some((port) =>
        matchesPorts(rule, need.protocol, port, direction === "ingress" ? host : need.peer),
      ),
  );
}
