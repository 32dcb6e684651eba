import {
  type Endpoint as FlowEndpoint,
  FIRST_LOCAL_IDENTITY,
  type Flow,
  LAST_ENTITY_IDENTITY,
  peerOf,
  podOwner,
  RESERVED_IDENTITIES,
} from "@dropscope/model";
import {
  type Endpoint,
  NAMESPACE_LABEL_PREFIX,
  normalizeName,
  parseLabel,
  parseLabels,
  POD_NAMESPACE,
  podLabels,
  POLICY_CLUSTER,
  type Profile,
  SERVICE_ACCOUNT,
} from "@dropscope/policy";
import type { Moment } from "./moment.js";

export type Side = "source" | "destination";

/** One end of a flow as policies see it, and how far that is known. */
export interface FlowEnd {
  readonly endpoint: Endpoint;
  /** How a sentence names it: an address with the name that was looked up for it. */
  readonly title: string;
  /**
   * Where its labels come from: the flow itself, whose labels were captured with the packet; its
   * address or name alone, looked up in the catalog; or nowhere.
   */
  readonly known: "flow" | "catalog" | "not";
  /** Security identity as the flow gives it; 0 when it does not, or when the data path did not know it. */
  readonly identity: number;
  /** `namespace/name` of the pod; empty for what is none. */
  readonly pod: string;
}

/** What the two ends have in common. */
export interface Surroundings {
  readonly moment: Moment;
  /** The cluster that the observing node is in, as the flow names it. */
  readonly cluster: string;
}

/** An end as the flow shows it. Labels of the flow come first, the catalog adds what flows lack. */
export function endOf(flow: Flow, side: Side, around: Surroundings): FlowEnd {
  const end = flow[side] ?? {};
  const identity = end.identity ?? 0;
  const { labels, reserved } = readLabels(end);
  const address = addressOf(flow, side, labels);
  const name = nameOf(flow, side, address);
  const base = { labels, address, name, identity };
  if (reserved.has("host")) return nodeEnd("host", flow, base, around);
  if (isOutside(labels, reserved)) return outsideEnd(flow, side, base);
  if (reserved.has("remote-node") || reserved.has("kube-apiserver"))
    return nodeEnd("remote-node", flow, base, around);
  if (OTHERS.some((other) => reserved.has(other))) return reservedEnd(base);
  const own = labels.filter((text) => reservedName(text) === undefined);
  if (own.length > 0) return podEnd(end, { ...base, labels: own }, around);
  return unlabelledEnd(flow, side, base, around);
}

/** The cluster whose policies are judged: the one that the observed end is in. */
export function clusterOf(end: FlowEndpoint | undefined): string {
  const label = (end?.labels ?? []).map(parseLabel).find(({ key }) => key === POLICY_CLUSTER);
  return label?.value || end?.cluster_name || "";
}

/** From here on identities are those of other nodes. */
const FIRST_NODE_IDENTITY = 2 * FIRST_LOCAL_IDENTITY;
const OTHERS = ["health", "init", "ingress", "unmanaged"];
const NO_END = { addresses: [], ports: [], fqdns: [], namespace: "", hostNetwork: false } as const;

interface Base {
  readonly labels: readonly string[];
  readonly address: string;
  readonly name: string;
  readonly identity: number;
}

interface ReadLabels {
  readonly labels: readonly string[];
  readonly reserved: ReadonlySet<string>;
}

/** Flows of one identity share the list of their labels: it is read once. */
const readOnce = new WeakMap<readonly string[], ReadLabels>();

function readLabels(end: FlowEndpoint): ReadLabels {
  const given = end.labels ?? [];
  const known = given.length === 0 ? undefined : readOnce.get(given);
  if (known !== undefined) return known;
  const labels = labelsOf(end);
  const reserved = new Set(labels.flatMap((text) => reservedName(text) ?? []));
  const read = { labels, reserved };
  if (given.length > 0) readOnce.set(given, read);
  return read;
}

/** Of a reserved identity, and of one that is local to its node, the number alone tells the kind. */
function labelsOf({ labels = [], identity = 0 }: FlowEndpoint): string[] {
  // Labels without a source come from senders that cut it off.
  const given = labels.map((text) => (/^[^=]*:/.test(text) ? text : `k8s:${text}`));
  if (given.length > 0 || identity < 1) return given;
  if (identity >= FIRST_NODE_IDENTITY) return ["reserved:remote-node"];
  if (identity >= FIRST_LOCAL_IDENTITY) return ["reserved:world"];
  if (identity > LAST_ENTITY_IDENTITY) return [];
  return [`reserved:${(RESERVED_IDENTITIES as Readonly<Record<number, string>>)[identity]}`];
}

function reservedName(text: string): string | undefined {
  const { source, key } = parseLabel(text);
  return source === "reserved" ? key : undefined;
}

function isOutside(labels: readonly string[], reserved: ReadonlySet<string>): boolean {
  if (["world", "world-ipv4", "world-ipv6"].some((name) => reserved.has(name))) return true;
  if (reserved.has("remote-node")) return false;
  return labels.some((text) => /^(cidr|fqdn|cidrgroup):/.test(text));
}

/** The packet's address; a CIDR label of a single address tells it where the packet's is missing. */
function addressOf(flow: Flow, side: Side, labels: readonly string[]): string {
  const address = flow.IP?.[side] ?? "";
  if (address !== "") return address;
  for (const text of labels) {
    const single = /^cidr:(.+)\/(?:32|128)$/.exec(text)?.[1];
    // Colons of an address stand as dashes in a label.
    if (single !== undefined) return single.includes(".") ? single : single.replaceAll("-", ":");
  }
  return "";
}

function nameOf(flow: Flow, side: Side, address: string): string {
  const peer = peerOf(flow, side);
  switch (peer.kind) {
    case "workload":
    case "pod":
      return peer.namespace === "" ? peer.name : `${peer.namespace}/${peer.name}`;
    case "name":
      return address === "" ? peer.name : address;
    default:
      return address;
  }
}

/** The names that the agent knew for an address at that moment come first: people know those. */
function titleOf(flow: Flow, side: Side, address: string): string {
  const [name] = flow[`${side}_names`] ?? [];
  if (name === undefined) return address;
  return address === "" ? name : `${name} (${address})`;
}

/** An address outside the cluster, with the names that the agent knew for it at that moment. */
function outsideEnd(flow: Flow, side: Side, { labels, address, name, identity }: Base): FlowEnd {
  const names = [
    ...labels.flatMap((text) => /^fqdn:(.+)$/.exec(text)?.[1] ?? []),
    ...(flow[`${side}_names`] ?? []),
  ];
  const endpoint: Endpoint = {
    ...NO_END,
    kind: "address",
    name: name === "" ? "an address" : name,
    labels: parseLabels(labels),
    addresses: address === "" ? [] : [address],
    fqdns: [...new Set(names.map(normalizeName))],
    local: false,
  };
  const title = titleOf(flow, side, address);
  return {
    endpoint,
    title: title === "" ? endpoint.name : title,
    known: "flow",
    identity,
    pod: "",
  };
}

function nodeEnd(
  kind: "host" | "remote-node",
  flow: Flow,
  { labels, address, identity }: Base,
  { moment }: Surroundings,
): FlowEnd {
  const observer = (flow.node_name ?? "").replace(/^.*\//, "");
  const ref = kind === "host" ? observer : address;
  const node = ref === "" ? undefined : moment.view.endpoint(ref);
  const nodeLabels = node?.kind === "remote-node" ? node.labels.texts : [];
  const own = nodeLabels.filter((text) => text.startsWith("node:"));
  // Policies for hosts look for the node's labels as labels of Kubernetes.
  const host = kind === "host" ? hostLabels(flow, own) : [];
  const name = kind === "host" ? observer : node?.kind === "remote-node" ? node.name : address;
  const endpoint: Endpoint = {
    ...NO_END,
    kind,
    name: name === "" ? kind : `node ${name}`,
    labels: parseLabels([...new Set([...labels, ...own, ...host])]),
    addresses: address === "" ? [] : [address],
    local: kind === "host",
  };
  return { endpoint, title: endpoint.name, known: "flow", identity, pod: "" };
}

function hostLabels(flow: Flow, own: readonly string[]): string[] {
  const texts = flow.node_labels ?? own.map((text) => text.slice("node:".length));
  return texts.map((text) => `k8s:${text}`);
}

function reservedEnd({ labels, address, name, identity }: Base): FlowEnd {
  const which = labels
    .flatMap((text) => reservedName(text) ?? [])
    .find((one) => OTHERS.includes(one));
  const endpoint: Endpoint = {
    ...NO_END,
    kind: "reserved",
    name: name.includes("/") ? name : (which ?? "reserved"),
    labels: parseLabels(labels),
    addresses: address === "" ? [] : [address],
    local: false,
  };
  return { endpoint, title: endpoint.name, known: "flow", identity, pod: "" };
}

/** What the end of a pod is made of, beside texts. */
interface PodParts {
  readonly catalog: Endpoint | undefined;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly profile: Profile;
}

interface KeptPod extends PodParts {
  readonly end: FlowEnd;
}

/** Ends by the list of their labels and by the texts that they are made of; so many for one list. */
const keptPods = new WeakMap<readonly string[], Map<string, KeptPod>>();
const MOST_KEPT = 256;

/**
 * A pod by the labels that its identity had when the packet passed. Drops come in thousands from a
 * few pods: an end that would come out the same is the same object.
 */
function podEnd(end: FlowEndpoint, base: Base, { moment, cluster }: Surroundings): FlowEnd {
  const given = end.labels ?? [];
  const { namespace: inFlow, pod_name, cluster_name } = end;
  const key = JSON.stringify([
    inFlow,
    pod_name,
    cluster_name,
    cluster,
    base.address,
    base.name,
    base.identity,
  ]);
  const namespace = inFlow ?? parseLabels(base.labels).value(POD_NAMESPACE) ?? "";
  const parts = {
    catalog: podOfCatalog(end, namespace, base.address, moment),
    namespaceLabels: namespace === "" ? NO_LABELS : moment.view.namespaceLabels(namespace),
    profile: moment.profile,
  };
  const kept = keptPods.get(given)?.get(key);
  if (
    kept !== undefined &&
    kept.catalog === parts.catalog &&
    kept.profile === parts.profile &&
    sameLabels(kept.namespaceLabels, parts.namespaceLabels)
  )
    return kept.end;
  const made = newPodEnd(end, namespace, base, cluster, parts);
  let others = keptPods.get(given);
  if (others === undefined || others.size >= MOST_KEPT) keptPods.set(given, (others = new Map()));
  others.set(key, { ...parts, end: made });
  return made;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

function sameLabels(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  if (one === other) return true;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

function newPodEnd(
  end: FlowEndpoint,
  namespace: string,
  base: Base,
  cluster: string,
  { catalog: known, namespaceLabels, profile }: PodParts,
): FlowEnd {
  const parsed = base.labels.map(parseLabel);
  const has = (key: string): string | undefined => parsed.find((label) => label.key === key)?.value;
  const pod = end.pod_name === undefined ? "" : `${namespace}/${end.pod_name}`;
  const labels = base.labels.map((text) => withCluster(text, cluster, profile.cluster));
  if (namespace !== "" && has(POD_NAMESPACE) === undefined)
    labels.push(`k8s:${POD_NAMESPACE}=${namespace}`);
  if (namespace !== "" && !parsed.some(({ key }) => key.startsWith(NAMESPACE_LABEL_PREFIX)))
    for (const [key, value] of Object.entries(namespaceLabels))
      labels.push(`k8s:${NAMESPACE_LABEL_PREFIX}${key}=${value}`);
  const own = has(POLICY_CLUSTER) ?? end.cluster_name ?? "";
  if (has(POLICY_CLUSTER) === undefined)
    labels.push(`k8s:${POLICY_CLUSTER}=${own === "" || own === cluster ? profile.cluster : own}`);
  const account = known?.labels.value(SERVICE_ACCOUNT, "k8s");
  if (account !== undefined && has(SERVICE_ACCOUNT) === undefined)
    labels.push(`k8s:${SERVICE_ACCOUNT}=${account}`);
  const endpoint: Endpoint = {
    ...NO_END,
    kind: "pod",
    name: base.name === "" ? `a pod of ${namespace || "an unknown namespace"}` : base.name,
    namespace,
    labels: parseLabels(labels),
    addresses: base.address === "" ? (known?.addresses ?? []) : [base.address],
    ports: known?.ports ?? [],
    // With labels of its own it has an identity of its own, whatever its manifest says.
    hostNetwork: false,
    local: own === "" || own === cluster || own === profile.cluster,
  };
  return { endpoint, title: endpoint.name, known: "flow", identity: base.identity, pod };
}

/** The name under which the catalog's policies know the cluster stands for the name that flows give it. */
function withCluster(text: string, cluster: string, local: string): string {
  const { source, key, value } = parseLabel(text);
  return key === POLICY_CLUSTER && value === cluster && cluster !== local
    ? `${source}:${key}=${local}`
    : text;
}

/** The catalog's pod: by its name, by its workload's (offline there may be templates only), by its address. */
function podOfCatalog(
  { pod_name: pod = "", workloads }: FlowEndpoint,
  namespace: string,
  address: string,
  { view }: Moment,
): Endpoint | undefined {
  const names = [pod, workloads?.[0]?.name ?? "", podOwner(pod)].filter((name) => name !== "");
  for (const name of names) {
    const found = view.endpoint(`${namespace}/${name}`);
    if (found !== undefined) return found;
  }
  if (address === "") return undefined;
  const found = view.endpoint(address);
  return found?.kind === "pod" && (namespace === "" || found.namespace === namespace)
    ? found
    : undefined;
}

/** An end of which the flow tells no label: the catalog may know its name or its address. */
function unlabelledEnd(flow: Flow, side: Side, base: Base, around: Surroundings): FlowEnd {
  const { moment } = around;
  const end = flow[side] ?? {};
  const { address, identity } = base;
  const namespace = end.namespace ?? "";
  const pod = end.pod_name === undefined ? "" : `${namespace}/${end.pod_name}`;
  const named = pod === "" ? undefined : podOfCatalog(end, namespace, address, moment);
  const owner = named ?? (address === "" ? undefined : moment.view.endpoint(address));
  if (owner !== undefined && (pod === "" || owner.kind === "pod")) {
    const found = { ...owner, name: base.name === "" || pod === "" ? owner.name : base.name };
    if (owner.kind !== "address")
      return { endpoint: found, title: found.name, known: "catalog", identity, pod };
    if ((flow[`${side}_names`] ?? []).length > 0) return outsideEnd(flow, side, base);
  }
  const labels = namespace === "" ? [] : namespaceOnly(namespace, moment);
  const endpoint: Endpoint = {
    ...NO_END,
    kind: namespace === "" ? "address" : "pod",
    name: base.name === "" ? "an unknown endpoint" : base.name,
    namespace,
    labels: parseLabels(labels),
    addresses: address === "" ? [] : [address],
    local: namespace !== "",
  };
  return { endpoint, title: endpoint.name, known: "not", identity, pod };
}

function namespaceOnly(namespace: string, { view, profile }: Moment): string[] {
  const pod = { namespace, labels: {} };
  return podLabels(pod, view.namespaceLabels(namespace), profile.cluster);
}
