import { type Endpoint, parseLabel, POD_NAMESPACE } from "@dropscope/policy";

/** How one kind of policy names an end: the list of a Cilium rule that it goes into, and the entry. */
export interface PeerText {
  /** `Endpoints`, `Entities`, `CIDR`, `FQDNs`; for a NetworkPolicy always empty: `from` and `to` take all kinds. */
  readonly list: string;
  readonly entry: unknown;
  /** For the title: `pods with app=checkout-v2 in web`. */
  readonly words: string;
}

/** Labels that say what a workload is, the most telling first. */
const TELLING = ["k8s-app", "app.kubernetes.io/name", "app", "name", "run", "component"];
/** Labels that come and go with every rollout. */
const VOLATILE =
  /^(pod-template-hash|controller-revision-hash|pod-template-generation|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/.*|job-name|controller-uid|version|chart|helm\.sh\/chart|app\.kubernetes\.io\/version|app\.kubernetes\.io\/managed-by)$/;

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
): PeerText | undefined {
  const cilium = kind.startsWith("Cilium");
  switch (end.kind) {
    case "pod":
      return podText(end, cilium, own);
    case "address":
      return addressText(end, cilium, egress);
    case "host":
    case "remote-node":
    case "reserved":
      return cilium ? entityText(end) : undefined;
  }
}

function podText(end: Endpoint, cilium: boolean, own: string): PeerText | undefined {
  const labels = tellingLabels(end);
  if (labels === undefined) return undefined;
  const { namespace } = end;
  const told = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const words = `pods with ${told.join(", ")} in ${namespace}`;
  if (cilium) {
    const where = namespace === own ? {} : { [`k8s:${POD_NAMESPACE}`]: namespace };
    return { list: "Endpoints", entry: { matchLabels: { ...where, ...labels } }, words };
  }
  const where =
    namespace === own
      ? {}
      : {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        };
  return { list: "", entry: { ...where, podSelector: { matchLabels: labels } }, words };
}

/** The one label that names the workload, else all that last. */
export function tellingLabels({ labels }: Endpoint): Record<string, string> | undefined {
  const own = labels.texts.map(parseLabel).filter(({ source, key }) => {
    const fromKubernetes = source === "k8s" || source === "unspec";
    return fromKubernetes && !key.startsWith("io.cilium.k8s.") && key !== POD_NAMESPACE;
  });
  const lasting = own.filter(({ key }) => !VOLATILE.test(key));
  const telling = TELLING.flatMap((name) => lasting.filter(({ key }) => key === name))[0];
  const chosen = telling === undefined ? lasting : [telling];
  if (chosen.length === 0) return undefined;
  return Object.fromEntries(chosen.map(({ key, value }) => [key, value]));
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
