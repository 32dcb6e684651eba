import type { Direction } from "@dropscope/policy";
import type { PodClass } from "./directory.js";
import { listed, portsText } from "./ports.js";
import type { RuleDraft } from "./rules.js";
import type { Party } from "./traffic.js";

/** `web may be reached by front on TCP 8080`; the same words whenever the same is allowed. */
export function ruleSays(
  { direction, peers, ports, dns }: RuleDraft,
  subject: string,
  namespace: string,
): string {
  const whom = listed(peers.map((one) => partyText(one, namespace)));
  if (dns && direction === "egress")
    return `${subject} may look up names at ${whom}, ${portsText(ports)}`;
  const verb: Record<Direction, string> = { ingress: "may be reached by", egress: "may reach" };
  return `${subject} ${verb[direction]} ${whom} on ${portsText(ports)}`;
}

export function partyText(party: Party, own: string): string {
  switch (party.of) {
    case "pods": {
      const name = classText(party.pods);
      const where = party.pods.namespace === own ? name : `${party.pods.namespace}/${name}`;
      return party.pods.cluster === "" ? where : `${where} of cluster ${party.pods.cluster}`;
    }
    case "namespace":
      return party.namespace === own
        ? "all pods of the namespace"
        : `all pods of ${party.namespace}`;
    case "cluster":
      return "all pods";
    case "entity":
      return ENTITIES[party.entity] ?? party.entity;
    case "name":
      return party.name;
    case "block":
      return party.cidr.replace(/\/(32|128)$/, "");
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  host: "its own node",
  "remote-node": "other nodes",
  "kube-apiserver": "the API server",
  world: "any address outside the cluster",
  ingress: "Cilium's ingress",
};

export function classText({ names }: PodClass): string {
  return listed(names);
}

/** `pods with app=web in shop`. */
export function subjectText(subject: PodClass | undefined, namespace: string): string {
  if (subject === undefined) return `every pod in ${namespace}`;
  const { labels, absent } = subject.selector;
  const parts = [
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...absent.map((key) => `no ${key}`),
  ];
  return parts.length === 0
    ? `every pod in ${namespace}`
    : `pods with ${parts.join(", ")} in ${namespace}`;
}
