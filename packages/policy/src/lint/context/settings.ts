import type { Manifests, SourceObject } from "../../objects.js";
import type { Cni, LintSettings, Resolver } from "../options.js";
import type { ObjectIndex } from "./objects.js";
import { record, text } from "./raw.js";

/** DaemonSets by which a network plugin is known. A plugin that enforces comes before one that only connects. */
const PLUGINS: readonly (readonly [name: RegExp, cni: Cni])[] = [
  [/^cilium$/, "cilium"],
  [/^(calico-node|canal)$/, "calico"],
  [/^antrea-agent$/, "antrea"],
  [/^ovnkube-node/, "ovn-kubernetes"],
  [/^(sdn|openshift-sdn)$/, "openshift-sdn"],
  [/^kube-router$/, "kube-router"],
  [/^weave-net$/, "weave"],
  [/^azure-npm$/, "azure"],
  [/^kindnet$/, "kindnet"],
  [/^aws-node$/, "aws"],
  [/^kube-flannel/, "flannel"],
];

/** What the objects of the input tell of the cluster. */
export function inferSettings(objects: ObjectIndex, manifests: Manifests): LintSettings {
  const daemonSets = objects.ofKind("DaemonSet");
  const cni = PLUGINS.find(([name]) => daemonSets.some((set) => name.test(set.name)))?.[1];
  const cilium = ciliumConfig(objects);
  return {
    cni: cni ?? (cilium ? "cilium" : undefined),
    enforces: enforces(cni, daemonSets),
    resolver: inferResolver(objects, manifests),
    dualStack: cilium ? bothFamilies(cilium) : inferDualStack(manifests),
    podCidrs: [...manifests.nodes.flatMap((node) => node.podCidrs), ...poolCidrs(cilium)],
    serviceCidrs: [],
    nodeCidrs: manifests.nodes.flatMap((node) => node.addresses),
    excludedLabels: excludedLabels(cilium),
    hostFirewall: flag(cilium, "enable-host-firewall"),
    mutualAuth: flag(cilium, "mesh-auth-mutual-enabled"),
    nodeLabels: flag(cilium, "enable-node-selector-labels"),
    audit: flag(cilium, "policy-audit-mode"),
    enforcement: enforcement(cilium),
  };
}

type Data = Readonly<Record<string, unknown>>;

function ciliumConfig(objects: ObjectIndex): Data | undefined {
  const source = objects.ofKind("ConfigMap").find(({ name }) => name === "cilium-config");
  return source && record(source.value["data"]);
}

/** An option that a found configuration does not name is off, which is Cilium's default for all that are asked here. */
function flag(data: Data | undefined, key: string): boolean | undefined {
  return data && text(data[key]) === "true";
}

function bothFamilies(data: Data): boolean {
  return text(data["enable-ipv4"]) === "true" && text(data["enable-ipv6"]) === "true";
}

/** Where Cilium takes pods' addresses from in its cluster-pool mode. */
function poolCidrs(data: Data | undefined): string[] {
  return ["cluster-pool-ipv4-cidr", "cluster-pool-ipv6-cidr"].flatMap((key) =>
    text(data?.[key])
      .split(/[\s,]+/)
      .filter((cidr) => cidr.includes("/")),
  );
}

function enforcement(data: Data | undefined): LintSettings["enforcement"] {
  const mode = text(data?.["enable-policy"]).toLowerCase();
  return mode === "always" || mode === "never" || mode === "default" ? mode : undefined;
}

/** Flannel and kindnet before 1.31 connect and enforce nothing; the AWS plugin does with its agent beside it. */
function enforces(cni: Cni | undefined, daemonSets: readonly SourceObject[]): boolean | undefined {
  if (cni === undefined) return undefined;
  if (daemonSets.some(({ name }) => name.includes("network-policies"))) return true;
  if (cni === "aws")
    return daemonSets.some(
      ({ name, value }) =>
        name === "aws-node" && JSON.stringify(value).includes("network-policy-agent"),
    );
  if (cni === "kindnet") return undefined;
  return cni !== "flannel";
}

function inferResolver(objects: ObjectIndex, manifests: Manifests): Resolver | undefined {
  if (objects.ofKind("DaemonSet").some(({ name }) => /^(node-local-dns|nodelocaldns)$/.test(name)))
    return "node-local";
  const { services } = manifests;
  if (
    services.some(({ namespace, name }) => namespace === "openshift-dns" && name === "dns-default")
  )
    return "openshift";
  if (services.some(({ namespace, name }) => namespace === "kube-system" && name === "kube-dns"))
    return "kube-dns";
  return undefined;
}

function inferDualStack({ nodes, services }: Manifests): boolean | undefined {
  const addresses = [
    ...nodes.flatMap((node) => [...node.podCidrs, ...node.addresses]),
    ...services.flatMap((service) => service.clusterAddresses),
  ].filter((address) => /^[0-9a-f]*[.:]/i.test(address));
  if (addresses.length === 0) return undefined;
  return (
    addresses.some((address) => address.includes(":")) && addresses.some((a) => !a.includes(":"))
  );
}

/** Cilium's default filter, as far as it is the same in all versions. */
const DEFAULT_EXCLUDED = [
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "batch.kubernetes.io/*",
  "annotation.*",
  "etcd_node",
];

/** `labels: "!a !b"` of the configuration adds to the default. An inclusive list (no `!`) cannot be judged by keys left out. */
function excludedLabels(data: Data | undefined): readonly string[] {
  const written = text(data?.["labels"])
    .split(/\s+/)
    .filter((word) => word.startsWith("!"));
  const keys = written.map((word) => word.slice(1).replace(/^k8s:/, "").replaceAll("\\", ""));
  return [...DEFAULT_EXCLUDED, ...keys];
}
