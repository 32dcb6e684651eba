import { inBlock } from "../../../match/cidr.js";
import { rulesIn } from "../../../match/rules.js";
import type { PatchOperation } from "../../../patch/patch.js";
import type { Peer, Policy, Rule } from "../../../policy.js";
import type { LintContext } from "../../context/context.js";
import { podSpec } from "../../context/dns-rules.js";
import { type Pod, podEvidence } from "../../context/pods.js";
import { list, record, text } from "../../context/raw.js";
import { isolated } from "../../context/reach.js";
import type { LintRule } from "../../rule.js";
import { count, policyName, some } from "../say.js";
import { addRule } from "./dns-patch.js";
import { broadest } from "./whom.js";

/** Ports of an API server: of its Service, and where it listens itself. */
const API_PORTS = [443, 6443];

export const NP106: LintRule = {
  id: "NP106",
  title: "Egress is denied to pods that use the Kubernetes API",
  severity: "medium",
  needs: "cluster",
  help: {
    why: "A pod whose service account has rights of its own talks to the API server. With restricted egress it needs a rule for it, and no selector of pods means the API server.",
    fix: "Allow TCP 6443 (or 443) to an ipBlock of the API server's endpoints; in Cilium `toEntities: [kube-apiserver]`, since a CIDR never means a node.",
  },
  *check(context) {
    const accounts = boundAccounts(context);
    if (accounts.size === 0) return;
    const found = new Map<Policy, Pod[]>();
    for (const pod of context.pods.all) {
      if (!usesApi(context, pod, accounts)) continue;
      const policies = context.pods.policiesOf(pod);
      if (!isolated(policies, "egress") || reachesApi(context, policies)) continue;
      const blamed = broadest(context, policies, "egress");
      const pods = found.get(blamed);
      if (pods) pods.push(pod);
      else found.set(blamed, [pod]);
    }
    for (const [policy, pods] of found) {
      const on = context.objects.ofPolicy(policy);
      if (!on) continue;
      const names = pods.map(({ workload: { namespace, name } }) => `${namespace}/${name}`);
      const operations: readonly PatchOperation[] | undefined = policy.kind.startsWith("Cilium")
        ? addRule(on, policy, { toEntities: ["kube-apiserver"] })
        : undefined;
      yield {
        on,
        path: policy.kind === "NetworkPolicy" ? ["spec", "egress"] : [],
        message: `${policyName(policy)} restricts egress of ${some(names)}, whose service account has rights in the API, and no policy allows the API server.`,
        evidence: pods
          .slice(0, 5)
          .map((pod) => podEvidence(pod, `serviceAccount ${pod.workload.serviceAccount}`)),
        basis: `the role bindings of the input, ${count(pods.length, "workload")}`,
        ...(operations ? { operations } : {}),
      };
    }
  },
};

/** Service accounts, as `ns/name`, that a role is bound to. */
function boundAccounts({ objects }: LintContext): ReadonlySet<string> {
  const bindings = [...objects.ofKind("RoleBinding"), ...objects.ofKind("ClusterRoleBinding")];
  return new Set(
    bindings.flatMap(({ value, namespace }) =>
      list(value["subjects"])
        .map(record)
        .filter(({ kind }) => kind === "ServiceAccount")
        .map((one) => `${text(one["namespace"]) || namespace || "default"}/${text(one["name"])}`),
    ),
  );
}

function usesApi(context: LintContext, pod: Pod, accounts: ReadonlySet<string>): boolean {
  const { namespace, serviceAccount, hostNetwork } = pod.workload;
  if (hostNetwork || !accounts.has(`${namespace}/${serviceAccount}`)) return false;
  const account = context.objects.get("ServiceAccount", namespace, serviceAccount)?.value ?? {};
  // The pod's word counts before its account's.
  const mounts = [podSpec(context, pod), account].map((one) => one["automountServiceAccountToken"]);
  return mounts.find((one) => typeof one === "boolean") !== false;
}

function reachesApi(context: LintContext, policies: readonly Policy[]): boolean {
  return policies.some((policy) =>
    rulesIn(policy, "egress").some(
      (rule) =>
        rule.action === "allow" &&
        namesApiPort(rule) &&
        (rule.peers === "any" || rule.peers.some((peer) => mayBeApi(context, peer))),
    ),
  );
}

function namesApiPort({ ports }: Rule): boolean {
  return (
    ports === "any" ||
    ports.some(
      (port) =>
        port.of === "number" &&
        port.protocols.includes("TCP") &&
        API_PORTS.some((number) => port.first <= number && number <= port.last),
    )
  );
}

const API_ENTITIES = new Set(["all", "cluster", "host", "remote-node", "kube-apiserver", "world"]);

function mayBeApi(context: LintContext, peer: Peer): boolean {
  switch (peer.of) {
    case "cidr": {
      const addresses = apiAddresses(context);
      if (addresses.length === 0) return true;
      const nodes = new Set(context.manifests.nodes.flatMap((node) => node.addresses));
      return addresses.some(
        (address) =>
          inBlock(peer.cidr, peer.except, address) &&
          (context.profile.cidrMatchesPods || !nodes.has(address)),
      );
    }
    case "entity":
      return API_ENTITIES.has(peer.entity);
    case "endpoints":
      return peer.selector.requirements.some(({ source }) => source === "reserved");
    default:
      return true;
  }
}

/** Of the endpoints of Service default/kubernetes, when the input holds them. */
function apiAddresses({ manifests }: LintContext): readonly string[] {
  const api = manifests.services.find(
    ({ namespace, name }) => namespace === "default" && name === "kubernetes",
  );
  return api?.backendAddresses ?? [];
}
