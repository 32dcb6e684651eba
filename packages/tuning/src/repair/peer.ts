import { type Endpoint, parseLabel, POD_NAMESPACE } from "@dropscope/policy";
import type { Naming } from "./naming.js";

/** How one kind of policy names an end: the list of a Cilium rule that it goes into, and the entry. */
export interface PeerText {
  /** `Endpoints`, `Entities`, `CIDR`, `FQDNs`; for a NetworkPolicy always empty: `from` and `to` take all kinds. */
  readonly list: string;
  readonly entry: unknown;
  /** For the title: `pods with app=checkout-v2 in web`. */
  readonly words: string;
}

/**
 * @param own namespace of the policy
 * @param egress names of DNS are for egress only
 * @returns undefined where this kind of policy has no word for the end
 */
export function peerText(
  end: Endpoint,
  kind: string,
  own: string,
  egress: boolean,
  naming: Naming,
): PeerText | undefined {
  const cilium = kind.startsWith("Cilium");
  switch (end.kind) {
    case "pod":
      // Policies do not see pods of the host network; what they see is a node.
      return end.hostNetwork ? undefined : podText(end, cilium, own, naming);
    case "address":
      return addressText(end, cilium, egress);
    case "host":
    case "remote-node":
    case "reserved":
      return cilium ? entityText(end) : undefined;
  }
}

/** `app=checkout, tier=2` */
export function labelWords(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}

function podText(
  end: Endpoint,
  cilium: boolean,
  own: string,
  naming: Naming,
): PeerText | undefined {
  const labels = naming.labelsFor(end);
  const { namespace } = end;
  if (namespace === "") return undefined;
  // A pod without labels can only be named with all of its namespace.
  const pods = labels === undefined ? {} : { matchLabels: labels };
  const words =
    labels === undefined
      ? `all pods in ${namespace}`
      : `pods with ${labelWords(labels)} in ${namespace}`;
  if (cilium) {
    const where = namespace === own ? {} : { [`k8s:${POD_NAMESPACE}`]: namespace };
    const all = { ...where, ...labels };
    const entry = Object.keys(all).length === 0 ? {} : { matchLabels: all };
    return { list: "Endpoints", entry, words };
  }
  const where =
    namespace === own
      ? {}
      : {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        };
  const entry = labels === undefined && namespace !== own ? where : { ...where, podSelector: pods };
  return { list: "", entry, words };
}

function addressText(end: Endpoint, cilium: boolean, egress: boolean): PeerText | undefined {
  const [name] = end.fqdns;
  if (cilium && egress && name !== undefined)
    return { list: "FQDNs", entry: { matchName: name }, words: name };
  const [address] = end.addresses;
  if (address === undefined) return undefined;
  const cidr = `${address}/${address.includes(":") ? 128 : 32}`;
  return cilium
    ? { list: "CIDR", entry: cidr, words: cidr }
    : { list: "", entry: { ipBlock: { cidr } }, words: cidr };
}

function entityText({ labels, kind }: Endpoint): PeerText | undefined {
  const names = labels.texts.map(parseLabel).flatMap(({ source, key }) => {
    return source === "reserved" ? [key] : [];
  });
  const entity = names.includes("kube-apiserver")
    ? "kube-apiserver"
    : (names[0] ?? (kind === "reserved" ? undefined : kind));
  if (entity === undefined) return undefined;
  return { list: "Entities", entry: entity, words: `entity ${entity}` };
}
