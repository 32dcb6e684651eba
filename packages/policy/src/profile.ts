/** The rules of one data plane, where the APIs leave them open or the data planes differ. */
export interface Profile {
  readonly name: ProfileName;
  /** Whether a CIDR matches a pod by its address. Never in Cilium, where identities come first. */
  readonly cidrMatchesPods: boolean;
  /** `default`: an endpoint is enforced once a policy selects it; `always`: every endpoint; `never`: none. */
  readonly enforcement: "default" | "always" | "never";
  /** Whether `nodeSelector` policies take effect. */
  readonly hostFirewall: boolean;
  /** Ingress from the endpoint's own node is always allowed (kubelet probes). */
  readonly allowLocalHost: boolean;
  /** Whether nodes are known by their labels, which `fromNodes`, `toNodes` and `nodes` peers need. */
  readonly nodeLabels: boolean;
  /**
   * Keys of pod labels that no selector sees, since the data plane leaves them out
   * of identities. Only those that every version leaves out; a flow's own labels know better.
   */
  readonly excludedLabels: readonly string[];
  /** Name of the cluster whose policies are judged. */
  readonly cluster: string;
  /** Denials that would only be reported (`policy-audit-mode`). */
  readonly audit: boolean;
  /**
   * How the baseline tier meets a NetworkPolicy that isolates: `spec` never
   * reaches it; `tiers` (Cilium 1.20) lets a baseline Accept allow what the
   * normal tier only denies by default.
   */
  readonly baseline: "spec" | "tiers";
  /** A selected deny of the normal tier beats an admin Accept (Cilium up to 1.19, which has no tiers). */
  readonly denyBeatsTiers: boolean;
}

export type ProfileName = "kubernetes" | "cilium";

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  kubernetes: {
    name: "kubernetes",
    cidrMatchesPods: true,
    enforcement: "default",
    hostFirewall: false,
    allowLocalHost: true,
    nodeLabels: true,
    excludedLabels: [],
    cluster: "default",
    audit: false,
    baseline: "spec",
    denyBeatsTiers: false,
  },
  cilium: {
    name: "cilium",
    cidrMatchesPods: false,
    enforcement: "default",
    hostFirewall: false,
    allowLocalHost: true,
    nodeLabels: true,
    excludedLabels: [
      "controller-revision-hash",
      "pod-template-generation",
      "pod-template-hash",
      "statefulset.kubernetes.io/pod-name",
    ],
    cluster: "default",
    audit: false,
    baseline: "tiers",
    denyBeatsTiers: false,
  },
};
