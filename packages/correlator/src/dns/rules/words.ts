import { cleanText, type Peer, type PolicyName } from "@dropscope/model";
import type { Found } from "../findings/found.js";

/** `web/checkout`, `169.254.20.10`. Names come from strangers: nothing in them may hide what stands around. */
export function peerName({ namespace, name }: Peer): string {
  return cleanText(namespace === "" ? name || "an unknown endpoint" : `${namespace}/${name}`, 255);
}

export function policyText({ kind, namespace, name }: PolicyName): string {
  return cleanText(`${kind} ${namespace === "" ? name : `${namespace}/${name}`}`.trim(), 255);
}

/** Up to three, then how many more. */
export function policiesText(found: Found): string {
  const names = [...found.policies.values()].map(policyText).sort();
  if (names.length > 3) return `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export const isPlural = (found: Found): boolean => found.policies.size > 1;

export function setText(found: Found, name: string, most = 4): string {
  const members = [...(found.sets[name] ?? [])].sort().map((member) => cleanText(member, 100));
  const shown = members.slice(0, most).join(", ");
  return members.length > most ? `${shown} and ${members.length - most} more` : shown;
}

export function number(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

export function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / Math.max(whole, 1))} %`;
}

/** What to write into a policy so that names can be looked up at this server. */
export function allowText(found: Found): string {
  switch (found.texts["server"]) {
    case "cluster":
      return "UDP 53 and TCP 53 to the pods with k8s-app=kube-dns in namespace kube-system";
    case "openshift":
      return "UDP 5353 and TCP 5353 to the pods of namespace openshift-dns (the Service's port 53 is the pods' 5353)";
    case "node-local":
      return `UDP 53 and TCP 53 to ${peerName(found.server)} (an ipBlock, or in Cilium toEntities: [host])`;
    default:
      return `UDP 53 and TCP 53 to ${peerName(found.server)}`;
  }
}
