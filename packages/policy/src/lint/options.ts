import type { Profile } from "../profile.js";

export interface LintOptions {
  readonly profile: Profile;
  /** Ids; undefined: all. */
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Only findings on objects of these namespaces (clusterwide objects have none: `""`). */
  readonly namespaces?: readonly string[];
  /** RFC 3339; when the manifests were read. Goes into every finding. */
  readonly asOf?: string;
  /** What the manifests do not say; what is given here wins over what they do. */
  readonly settings?: Partial<LintSettings>;
}

/** What is known of the cluster beyond its objects. Undefined is "not known", and lints that need it are silent. */
export interface LintSettings {
  readonly cni: Cni | undefined;
  /** Whether anything in the cluster enforces NetworkPolicy. */
  readonly enforces: boolean | undefined;
  readonly resolver: Resolver | undefined;
  readonly dualStack: boolean | undefined;
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** Addresses of nodes count too. */
  readonly nodeCidrs: readonly string[];
  /** Label keys, or prefixes ending in `*`, that Cilium keeps out of identities; what is given adds to its default. */
  readonly excludedLabels: readonly string[];
  readonly hostFirewall: boolean | undefined;
  readonly mutualAuth: boolean | undefined;
  /** Whether Cilium takes node labels into node identities (`fromNodes`, `toNodes`). */
  readonly nodeLabels: boolean | undefined;
  /** `policy-audit-mode`. */
  readonly audit: boolean | undefined;
  /** `enable-policy`. */
  readonly enforcement: "default" | "always" | "never" | undefined;
}

export type Cni =
  | "cilium"
  | "calico"
  | "antrea"
  | "ovn-kubernetes"
  | "openshift-sdn"
  | "kube-router"
  | "weave"
  | "kindnet"
  | "aws"
  | "azure"
  | "flannel";

/** What answers a pod's DNS queries. */
export type Resolver =
  /** The pods behind Service kube-dns, port 53. */
  | "kube-dns"
  /** Pods of the host network behind a link-local address (NodeLocal DNSCache). */
  | "node-local"
  /** Pods of openshift-dns, port 5353. */
  | "openshift";
