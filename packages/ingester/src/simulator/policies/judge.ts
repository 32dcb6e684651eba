import type { PolicyRef } from "@dropscope/model";
import type { Peer, Pod } from "../cluster/types.js";
import { isolates, applies, rulesOf, selects, type Direction, type Rule } from "./rules.js";
import type { ShopPolicy } from "./types.js";

/** What the data path decides for a new connection at one end. */
export interface Judgement {
  /** `unpoliced`: no policy selects the pod in this direction; nothing is reported. */
  decision: "unpoliced" | "allow" | "redirect" | "default-deny" | "deny-rule";
  /** As Hubble reports it: the allowing or denying policies. Empty for a default deny. */
  policies: PolicyRef[];
  /** Hubble's `policy_match_type`: 0 none, 1 L3, 2 L3-L4, 3 L4, 4 all. */
  matchType: number;
}

/** A policy in force, with the numbers that Cilium attaches to it. */
export interface PolicyInForce {
  policy: ShopPolicy;
  uid: string;
  revision: number;
}

export interface Judge {
  judge(
    direction: Direction,
    subject: Pod,
    peer: Peer,
    protocol: "TCP" | "UDP",
    port: number,
  ): Judgement;
}

export const UNPOLICED: Judgement = { decision: "unpoliced", policies: [], matchType: 0 };

/**
 * Decides as Cilium 1.19 does: a matching deny rule beats every allow; allows of
 * all policies add up; a proxied rule wins over a plain one on the same port.
 */
export function createJudge(
  inForce: () => Iterable<PolicyInForce>,
  namespaceLabels: (name: string) => Record<string, string>,
): Judge {
  return {
    judge(direction, subject, peer, protocol, port) {
      const pod = { namespace: subject.namespace, labels: subject.workload.labels };
      const selecting = [...inForce()].filter(
        ({ policy }) => selects(policy, pod) && applies(policy, direction),
      );
      if (selecting.length === 0) return UNPOLICED;

      const hits = selecting.flatMap((entry) =>
        rulesOf(entry.policy, direction)
          .filter((rule) => covers(rule, protocol, port) && rule.matches(peer, namespaceLabels))
          .map((rule) => ({ entry, rule })),
      );
      const denies = hits.filter(({ rule }) => rule.effect === "deny");
      if (denies.length > 0) return judgement("deny-rule", denies);
      if (hits.length > 0) {
        const proxied = hits.some(({ rule }) => rule.layer7);
        return judgement(proxied ? "redirect" : "allow", hits);
      }
      if (selecting.every(({ policy }) => !isolates(policy, direction))) return allowAny(direction);
      return { decision: "default-deny", policies: [], matchType: 0 };
    },
  };
}

function covers(rule: Rule, protocol: "TCP" | "UDP", port: number): boolean {
  return (
    rule.ports.length === 0 ||
    rule.ports.some((entry) => entry.protocol === protocol && entry.port === port)
  );
}

function judgement(
  decision: Judgement["decision"],
  hits: { entry: PolicyInForce; rule: Rule }[],
): Judgement {
  const entries = [...new Set(hits.map(({ entry }) => entry))];
  const rule = hits[0]?.rule;
  const withPorts = rule !== undefined && rule.ports.length > 0;
  const matchType = matchTypeOf(rule?.namesPeers === true, withPorts);
  return { decision, matchType, policies: entries.map(policyRef) };
}

/** Hubble's `policy_match_type` of a rule that names peers, ports, both or neither. */
export function matchTypeOf(peers: boolean, ports: boolean): number {
  return peers ? (ports ? 2 : 1) : ports ? 3 : 4;
}

/** What Cilium puts in when no policy of the pod isolates it: an allow without a name. */
export function allowAny(direction: Direction): Judgement {
  const labels = [`reserved:io.cilium.policy.derived-from=allow-any-${direction}`];
  return { decision: "allow", matchType: 4, policies: [{ labels, revision: "1" }] };
}

export function policyRef({
  policy,
  uid,
  revision,
}: Omit<PolicyInForce, "policy"> & {
  policy: { kind: string; metadata: { name: string; namespace: string } };
}): PolicyRef {
  const { name, namespace } = policy.metadata;
  const prefix = "k8s:io.cilium.k8s.policy";
  return {
    name,
    namespace,
    kind: policy.kind,
    revision: String(revision),
    labels: [
      `${prefix}.derived-from=${policy.kind}`,
      `${prefix}.name=${name}`,
      `${prefix}.namespace=${namespace}`,
      `${prefix}.uid=${uid}`,
    ],
  };
}
